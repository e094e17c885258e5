package host_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/host"
)

var boot = time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return boot.Add(time.Duration(seconds) * time.Second) }

func exe(path string) host.Executable { return host.Executable{Path: path} }

var (
	llama  = host.Server{Name: "llama", Processes: []string{"llama-server"}}
	ollama = host.Server{Name: "ollama", Processes: []string{"ollama"}, Port: 11434}
)

func newMeter(t *testing.T, f *host.Fake, servers ...host.Server) *host.Meter {
	t.Helper()
	m, err := host.New(host.Options{Servers: servers, System: f})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// base sets the base of a meter with a first sample.
func base(t *testing.T, m *host.Meter, now time.Time) {
	t.Helper()
	if _, err := m.Sample(context.Background(), now); !errors.Is(err, host.ErrNoData) {
		t.Fatalf("first sample: got error %v, want ErrNoData", err)
	}
}

func sample(t *testing.T, m *host.Meter, now time.Time) attribution.UsageSpan {
	t.Helper()
	span, err := m.Sample(context.Background(), now)
	if err != nil {
		t.Fatalf("sample at %v: %v", now.Sub(boot), err)
	}
	return span
}

func use(cpu, gpu time.Duration, e energy.Joules) attribution.Use {
	return attribution.Use{CPU: cpu, GPU: gpu, CPUEnergy: e}
}

func TestSampleSplitsServersFromTheRest(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/opt/homebrew/bin/llama-server"))
	f.Spawn(20, 1, at(2), exe("/Applications/Safari.app/Contents/MacOS/Safari"))
	f.Burn(10, time.Hour, 5000) // before anyone looked
	f.BurnGPU(10, 7, time.Hour)
	m := newMeter(t, f, ollama, llama)
	base(t, m, at(100))

	f.Burn(10, 2*time.Second, 3)
	f.Burn(20, 500*time.Millisecond, 1)
	f.BurnGPU(10, 7, 4*time.Second)
	f.BurnGPU(20, 8, 100*time.Millisecond)
	got := sample(t, m, at(105))

	want := attribution.UsageSpan{Start: at(100), End: at(105), Usage: attribution.Usage{
		Servers: []attribution.ServerUse{
			{Server: "llama", Use: use(2*time.Second, 4*time.Second, 3)},
			{Server: "ollama"},
		},
		Others:   use(500*time.Millisecond, 100*time.Millisecond, 1),
		GPUKnown: true, CPUEnergyKnown: true,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("span (-want +got):\n%s", diff)
	}
}

func TestClockThatStandsStill(t *testing.T) {
	f := host.NewFake(boot)
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	for _, now := range []time.Time{at(100), at(90)} {
		if _, err := m.Sample(context.Background(), now); !errors.Is(err, host.ErrNoData) {
			t.Errorf("sample at %v: got error %v, want ErrNoData", now.Sub(boot), err)
		}
	}
	if got := sample(t, m, at(95)); !got.Start.Equal(at(90)) {
		t.Errorf("start %v, want the base that was set when the clock went back", got.Start.Sub(boot))
	}
}

func TestCountersOfOtherProcessesWithTheSamePid(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	f.Burn(10, time.Minute, 60)
	f.BurnGPU(10, 1, time.Minute)
	m := newMeter(t, f, llama)
	base(t, m, at(100))

	f.Exit(10)
	f.Spawn(10, 1, at(102), exe("/bin/zsh"))
	f.Burn(10, 70*time.Second, 70) // more than the old one had
	f.BurnGPU(10, 2, time.Second)
	got := sample(t, m, at(200))
	if diff := cmp.Diff(attribution.Use{}, got.Usage.Servers[0].Use); diff != "" {
		t.Errorf("the server's use (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(use(70*time.Second, time.Second, 70), got.Usage.Others); diff != "" {
		t.Errorf("others (-want +got):\n%s", diff)
	}
}

func TestWhatAProcessUsedBeforeItsEndIsNotInvented(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	f.Burn(10, 3*time.Second, 9)
	f.Exit(10)
	got := sample(t, m, at(105))
	want := attribution.Usage{
		Servers:  []attribution.ServerUse{{Server: "llama"}},
		GPUKnown: true, CPUEnergyKnown: true,
	}
	if diff := cmp.Diff(want, got.Usage); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
}

func TestBackwardCountersCountAsZero(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	f.Burn(10, 10*time.Second, 30)
	f.BurnGPU(10, 1, 10*time.Second)
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	f.Burn(10, -time.Second, -3)
	f.BurnGPU(10, 1, -time.Second)
	if got := sample(t, m, at(105)).Usage.Servers[0].Use; got != (attribution.Use{}) {
		t.Errorf("use %+v, want zero", got)
	}
	f.Burn(10, 2*time.Second, 5)
	if got, want := sample(t, m, at(110)).Usage.Servers[0].Use, use(2*time.Second, 0, 5); got != want {
		t.Errorf("use after that %+v, want %+v", got, want)
	}
}

func TestClosingGPUClientHidesNoOther(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	f.BurnGPU(10, 1, time.Hour)
	f.BurnGPU(10, 2, time.Minute)
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	f.CloseGPU(1)
	f.BurnGPU(10, 2, time.Second)
	f.BurnGPU(10, 3, 2*time.Second) // opened since
	if got, want := sample(t, m, at(105)).Usage.Servers[0].GPU, 3*time.Second; got != want {
		t.Errorf("GPU time %v, want %v", got, want)
	}
}

func TestGPUClientsWithoutANumberAreClamped(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	f.BurnGPU(10, 0, time.Hour)
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	f.CloseGPU(0)
	f.BurnGPU(10, 0, time.Minute)
	if got := sample(t, m, at(105)).Usage.Servers[0].GPU; got != 0 {
		t.Errorf("GPU time %v, want 0", got)
	}
}

func TestUnreadableGPUIsUnknown(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	f.NoGPU = true
	m := newMeter(t, f, llama)
	base(t, m, at(100))
	steps := []struct {
		name  string
		noGPU bool
		known bool
		err   error
	}{
		{"never read", true, false, host.ErrNoGPU},
		{"read for the first time", false, false, nil},
		{"read twice", false, true, nil},
		{"lost", true, false, host.ErrNoGPU},
		{"read again", false, false, nil},
		{"read again twice", false, true, nil},
	}
	for i, s := range steps {
		f.NoGPU = s.noGPU
		f.BurnGPU(10, 1, time.Second)
		u := sample(t, m, at(105+5*i)).Usage
		if u.GPUKnown != s.known || !errors.Is(m.GPUError(), s.err) {
			t.Errorf("%s: known %v, error %v; want %v, %v", s.name, u.GPUKnown, m.GPUError(), s.known, s.err)
		}
		if !s.known && u.Servers[0].GPU != 0 {
			t.Errorf("%s: GPU time %v, want 0", s.name, u.Servers[0].GPU)
		}
	}
}

func TestCPUEnergyIsKnownForAllOrForNone(t *testing.T) {
	tests := []struct {
		name  string
		burn  func(*host.Fake)
		known bool
	}{
		{"all counted", func(f *host.Fake) { f.Burn(10, time.Second, 1); f.Burn(20, time.Second, 1) }, true},
		{"nothing ran", func(*host.Fake) {}, true},
		{"not counted at all", func(f *host.Fake) { f.NoEnergy = true; f.Burn(10, time.Second, 0) }, false},
		{"busy on zero energy", func(f *host.Fake) { f.Burn(10, time.Second, 0); f.Burn(20, time.Second, 1) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := host.NewFake(boot)
			f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
			f.Spawn(20, 1, at(1), exe("/bin/zsh"))
			m := newMeter(t, f, llama)
			base(t, m, at(100))
			tt.burn(f)
			u := sample(t, m, at(105)).Usage
			if u.CPUEnergyKnown != tt.known {
				t.Errorf("CPUEnergyKnown %v, want %v", u.CPUEnergyKnown, tt.known)
			}
			if sum := u.Servers[0].CPUEnergy + u.Others.CPUEnergy; !tt.known && sum != 0 {
				t.Errorf("unknown energy is %v, want 0", sum)
			}
		})
	}
}

func TestDeniedProcesses(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/llama-server"))
	f.Spawn(20, 1, at(1), exe("/usr/sbin/securityd"))
	f.Burn(20, time.Hour, 3600)
	f.Deny(20, true)
	m := newMeter(t, f, llama)
	base(t, m, at(100))

	f.Deny(20, false) // readable from here on: its hour is old
	if got := sample(t, m, at(105)).Usage.Others; got != (attribution.Use{}) {
		t.Errorf("others %+v, want zero", got)
	}

	f.Deny(10, true)
	span, err := m.Sample(context.Background(), at(110))
	var denied *host.ServerError
	if !errors.As(err, &denied) {
		t.Fatalf("got error %v, want a ServerError", err)
	}
	want := "server llama: read the CPU time of pid 10: permission denied"
	if denied.Error() != want || denied.Hint() == "" {
		t.Errorf("error %q, hint %q; want %q and a hint", denied, denied.Hint(), want)
	}
	if diff := cmp.Diff(attribution.UsageSpan{}, span); diff != "" {
		t.Errorf("span beside an error (-want +got):\n%s", diff)
	}
}

func TestUseOfUnknownAgeIsNotBooked(t *testing.T) {
	f := host.NewFake(boot)
	f.Spawn(10, 1, at(1), exe("/bin/zsh"))
	m := newMeter(t, f, llama)
	base(t, m, at(100))

	f.Spawn(20, 1, at(1), exe("/bin/hidden")) // old, but not listed before
	f.Burn(20, time.Hour, 3600)
	f.Spawn(30, 1, at(105), exe("/bin/new")) // denied while it was new
	f.Burn(30, time.Minute, 60)
	f.Deny(30, true)
	f.Burn(10, time.Second, 1)
	f.Deny(10, true)
	if got := sample(t, m, at(105)).Usage.Others; got != (attribution.Use{}) {
		t.Errorf("others %+v, want zero", got)
	}
	f.Deny(10, false) // its second was used in a span that is gone
	f.Deny(30, false)
	if got := sample(t, m, at(110)).Usage.Others; got != (attribution.Use{}) {
		t.Errorf("others when readable %+v, want zero", got)
	}
	for _, pid := range []int{10, 20, 30} {
		f.Burn(pid, time.Second, 1)
	}
	if got, want := sample(t, m, at(115)).Usage.Others, use(3*time.Second, 0, 3); got != want {
		t.Errorf("others later %+v, want %+v", got, want)
	}
}

func TestContextThatEnded(t *testing.T) {
	m := newMeter(t, host.NewFake(boot), llama)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Sample(ctx, at(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want context.Canceled", err)
	}
}
