package host

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// statLine is a real line of a Linux 6.18 kernel; its name is changed to hold
// what a name may hold.
const statLine = "1073 (a) b (c) S 1 1073 1073 0 -1 4194304 1034 27 3 0 250 50 7 9 20 0 4 0 12345 9617408 1152 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"

func TestParseStat(t *testing.T) {
	got, err := parseStat([]byte(statLine))
	if err != nil {
		t.Fatal(err)
	}
	want := procStat{parent: 1, comm: "a) b (c", cpu: 3 * time.Second, start: 123450 * time.Millisecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, bad := range []string{
		"", "1 sh S 1", "1 )sh( S 1", "1 (sh) S 1 2 3",
		strings.Replace(statLine, " S 1 ", " S x ", 1),
		strings.Replace(statLine, " 250 ", " -250 ", 1),
		strings.Replace(statLine, " 12345 ", " 18446744073709551615 ", 1),
	} {
		if got, err := parseStat([]byte(bad)); err == nil {
			t.Errorf("%q: got %+v, want an error", bad, got)
		}
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(statLine))
	f.Add([]byte("1 (sh) S"))
	f.Fuzz(func(t *testing.T, line []byte) {
		st, err := parseStat(line)
		if err != nil {
			return
		}
		if st.cpu < 0 || st.start < 0 {
			t.Errorf("negative times: %+v", st)
		}
	})
}

// TestRusageLayout checks the offsets of struct rusage_info_v6 as C lays it
// out: a 16-byte uuid, then 64-bit words.
func TestRusageLayout(t *testing.T) {
	var ri rusageInfo
	for _, tt := range []struct {
		name      string
		got, want uintptr
	}{
		{"ri_user_time", unsafe.Offsetof(ri.UserTime), 16},
		{"ri_system_time", unsafe.Offsetof(ri.SystemTime), 24},
		{"ri_energy_nj", unsafe.Offsetof(ri.Energy), 336},
		{"ri_penergy_nj", unsafe.Offsetof(ri.PEnergy), 344},
		{"size", unsafe.Sizeof(ri), 464},
	} {
		if tt.got != tt.want {
			t.Errorf("%s at %d, want %d", tt.name, tt.got, tt.want)
		}
	}
}

func TestRusageFill(t *testing.T) {
	ri := rusageInfo{UserTime: 24_000_000, SystemTime: 12_000_000, Energy: 2_500_000_000}
	apple := timebase{Numer: 125, Denom: 3}
	var v6, v4 Process
	ri.fill(&v6, apple, rusageInfoV6)
	if v6.CPU != 1500*time.Millisecond || v6.CPUEnergy != 2.5 || !v6.EnergyKnown {
		t.Errorf("V6: %+v, want 1.5 s and 2.5 J", v6)
	}
	ri.fill(&v4, apple, rusageInfoV4)
	if v4.CPU != 1500*time.Millisecond || v4.CPUEnergy != 0 || v4.EnergyKnown {
		t.Errorf("V4: %+v, want 1.5 s and no energy", v4)
	}
}

func TestTimebase(t *testing.T) {
	apple := timebase{Numer: 125, Denom: 3}
	for _, tt := range []struct {
		tb    timebase
		ticks uint64
		want  time.Duration
	}{
		{apple, 0, 0},
		{apple, 24_000_000, time.Second},
		{apple, 24_000_000 * 86400 * 3650, 10 * 365 * 24 * time.Hour}, // 64 bits would overflow
		{apple, 1<<64 - 1, 1<<63 - 1},
		{timebase{1, 1}, 1<<64 - 1, 1<<63 - 1},
		{timebase{}, 5, 0},
	} {
		if got := tt.tb.duration(tt.ticks); got != tt.want {
			t.Errorf("%d ticks of %v: %d, want %d", tt.ticks, tt.tb, got, tt.want)
		}
	}
}

const procArgs2 = "\x05\x00\x00\x00/opt/Python\x00\x00\x00\x00\x00python\x00-X\x00dev\x00-m\x00mlx_lm.server\x00SECRET=1\x00"

func TestParseProcArgs(t *testing.T) {
	got := parseProcArgs([]byte(procArgs2), maxArgs)
	if want := []string{"python", "-X", "dev", "-m", "mlx_lm.server"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q: no environment", got, want)
	}
	for _, cut := range []int{0, 3, 4, 10, 25} {
		if got := parseProcArgs([]byte(procArgs2[:cut]), maxArgs); len(got) > 1 {
			t.Errorf("cut at %d: got %q", cut, got)
		}
	}
}

func FuzzParseProcArgs(f *testing.F) {
	f.Add([]byte(procArgs2))
	f.Add([]byte("\xff\xff\xff\xff/a\x00b"))
	f.Fuzz(func(t *testing.T, b []byte) {
		args := parseProcArgs(b, maxArgs)
		if len(args) > maxArgs {
			t.Errorf("%d arguments", len(args))
		}
		if name := scriptName(args); strings.Contains(name, "\x00") {
			t.Errorf("script %q", name)
		}
	})
}

func TestScriptName(t *testing.T) {
	for want, args := range map[string]string{
		"mlx_lm.server": "python3 -u -m mlx_lm.server --model x",
		"vllm":          "/opt/venv/bin/python /opt/venv/bin/vllm serve m",
		"server.py":     "python -X dev -W ignore ./server.py",
		"":              "python -c code secret",
	} {
		if got := scriptName(strings.Fields(args)); got != want {
			t.Errorf("%s: got %q, want %q", args, got, want)
		}
	}
	if got := scriptName([]string{"python"}); got != "" {
		t.Errorf("no arguments: got %q", got)
	}
}

func TestNameMatches(t *testing.T) {
	tests := []struct {
		want, comm string
		exe        Executable
		match      bool
	}{
		{"llama-server", "llama-server", Executable{}, true},
		{"llama-server", "llama-serverX", Executable{}, false},
		{"a-very-long-server-name", "a-very-long-ser", Executable{}, true},  // Linux, path unreadable
		{"a-very-long-server-name", "a-very-long-serv", Executable{}, true}, // XNU, path unreadable
		{"a-very-long-server-name", "a-very-long-ser", Executable{Path: "/x/a-very-long-service"}, false},
		{"vllm", "vllm", Executable{Path: "/usr/bin/python3"}, true}, // renamed itself
		{"LM Studio", "LM Studio", Executable{Path: "/Applications/LM Studio.app/Contents/MacOS/LM Studio"}, true},
	}
	for _, tt := range tests {
		if got := nameMatches(tt.want, tt.comm, tt.exe); got != tt.match {
			t.Errorf("%q against %q, %+v: %v, want %v", tt.want, tt.comm, tt.exe, got, tt.match)
		}
	}
}
