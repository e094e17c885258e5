package host

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// ioregPlist has the shape of `ioreg -a -r -c AGXDeviceUserClient`: keys in
// alphabetical order, each client with the keys that archive() of Apple's
// ioreg.c adds, one client inside another entry.
const ioregPlist = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<array>
	<dict>
		<key>AppUsage</key>
		<array>
			<dict><key>API</key><string>Metal</string><key>accumulatedGPUTime</key><integer>123632000000</integer><key>lastSubmittedTime</key><integer>1000</integer></dict>
			<dict><key>API</key><string>GL</string><key>accumulatedGPUTime</key><integer>1000</integer></dict>
		</array>
		<key>CommandQueueCount</key><integer>2</integer>
		<key>IOObjectClass</key><string>AGXDeviceUserClient</string>
		<key>IORegistryEntryID</key><integer>4294971234</integer>
		<key>IOUserClientCreator</key><string>pid 4245, python3.12</string>
	</dict>
	<dict>
		<key>AppUsage</key>
		<array><dict><key>accumulatedGPUTime</key><integer>7</integer></dict></array>
		<key>IORegistryEntryID</key><integer>4294971235</integer>
		<key>IOUserClientCreator</key><string>pid 4245, python3.12</string>
	</dict>
	<dict>
		<key>IORegistryEntryChildren</key>
		<array><dict>
			<key>AppUsage</key>
			<array><dict><key>accumulatedGPUTime</key><integer>5</integer></dict></array>
			<key>IOUserClientCreator</key><string>pid 12, a, b</string>
		</dict></array>
		<key>IOUserClientCreator</key><string>pid 13, no usage</string>
	</dict>
	<dict>
		<key>AppUsage</key><array/>
		<key>IORegistryEntryID</key><integer>3</integer>
		<key>IOUserClientCreator</key><string>pid 14, never drew</string>
	</dict>
	<dict>
		<key>AppUsage</key>
		<array><dict><key>accumulatedGPUTime</key><integer>18446744073709551500</integer></dict><dict><key>accumulatedGPUTime</key><integer>-3</integer></dict><dict/><dict><key>accumulatedGPUTime</key><string></string></dict></array>
		<key>IORegistryEntryID</key><integer>-1</integer>
		<key>IOUserClientCreator</key><string>pid 15, broken counters</string>
	</dict>
	<dict>
		<key>AppUsage</key>
		<array><dict><key>accumulatedGPUTime</key><integer>4611686018427387904</integer></dict><dict><key>accumulatedGPUTime</key><integer>4611686018427387904</integer></dict></array>
		<key>IOUserClientCreator</key><string>pid 18, more than a lifetime</string>
	</dict>
	<dict><key>AppUsage</key><string></string><key>IOUserClientCreator</key><string>pid 16, empty</string></dict>
	<dict><key>AppUsage</key><array/><key>IOUserClientCreator</key><string></string></dict>
	<dict><key>AppUsage</key><array/><key>IOUserClientCreator</key><string>pid 0, kernel</string></dict>
	<dict><key>AppUsage</key><array/><key>IOUserClientCreator</key><string>17, no pid</string></dict>
	<dict><key>AppUsage</key><array/></dict>
	<string></string>
</array>
</plist>
`

func TestParseGPUClients(t *testing.T) {
	got, err := parseGPUClients([]byte(ioregPlist))
	if err != nil {
		t.Fatal(err)
	}
	want := []GPUClient{
		{ID: 4294971234, PID: 4245, Time: 123632001 * time.Microsecond},
		{ID: 4294971235, PID: 4245, Time: 7},
		{PID: 12, Time: 5},
		{ID: 3, PID: 14},
		{PID: 15}, // its counters are left out, and its id is not one
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clients (-want +got):\n%s", diff)
	}
}

func TestParseGPUClientsOfOddOutput(t *testing.T) {
	for name, tt := range map[string]struct {
		out  string
		want error // nil: any error
	}{
		"nothing at all": {" \n", ErrNoGPU},
		"text":           {"+-o AGXDeviceUserClient", nil},
		"a cut list":     {ioregPlist[:len(ioregPlist)/2], nil},
		"no array":       {`<plist version="1.0"><dict/></plist>`, nil},
	} {
		got, err := parseGPUClients([]byte(tt.out))
		if err == nil || (tt.want != nil && !errors.Is(err, tt.want)) {
			t.Errorf("%s: got %v, error %v; want error %v", name, got, err, tt.want)
		}
	}
}

func FuzzParseGPUClients(f *testing.F) {
	f.Add([]byte(ioregPlist))
	f.Add([]byte(`<plist version="1.0"><array><dict/></array></plist>`))
	f.Fuzz(func(t *testing.T, out []byte) {
		clients, err := parseGPUClients(out)
		if err != nil && clients != nil {
			t.Errorf("%d clients beside the error %v", len(clients), err)
		}
		for _, c := range clients {
			if c.PID <= 0 || c.Time < 0 || c.Time > maxGPUTime {
				t.Errorf("accepted %+v", c)
			}
		}
	})
}

func TestIoregIsAskedForClients(t *testing.T) {
	var command []string
	g := ioregGPU{run: func(_ context.Context, name string, args ...string) ([]byte, error) {
		command = append([]string{name}, args...)
		return []byte(ioregPlist), nil
	}}
	clients, err := g.GPUClients(context.Background())
	if err != nil || len(clients) != 5 {
		t.Errorf("%d clients, error %v; want 5", len(clients), err)
	}
	if got, want := strings.Join(command, " "), "/usr/sbin/ioreg -a -r -c AGXDeviceUserClient"; got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
	broken := errors.New("killed")
	g.run = func(context.Context, string, ...string) ([]byte, error) { return nil, broken }
	if _, err := g.GPUClients(context.Background()); !errors.Is(err, broken) {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

const lsofFields = "p812\nf12\nn*:8080\nf13\nn[::1]:8080\np900\nf3\nn127.0.0.1:11434\nf4\nn127.0.0.1:9999\np812\nf14\nn*:8080\n"

func TestLsofListeners(t *testing.T) {
	var command []string
	l := lsofPorts{run: func(_ context.Context, name string, args ...string) ([]byte, error) {
		command = append([]string{name}, args...)
		return []byte(lsofFields), nil
	}}
	got, err := l.Listeners(context.Background(), []int{8080, 11434})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[int][]int{8080: {812}, 11434: {900}}, got); diff != "" {
		t.Errorf("listeners (-want +got):\n%s", diff)
	}
	if got, want := strings.Join(command, " "), "/usr/sbin/lsof -nP -Fpn -sTCP:LISTEN -iTCP:8080 -iTCP:11434"; got != want {
		t.Errorf("ran %q, want %q", got, want)
	}
	// A real exit with status 1 is "nobody listens"; others are errors.
	for _, tt := range []struct {
		script string
		fails  bool
	}{{"exit 1", false}, {"exit 2", true}} {
		l.run = func(ctx context.Context, _ string, _ ...string) ([]byte, error) {
			return runCommand(ctx, "/bin/sh", "-c", tt.script)
		}
		if got, err := l.Listeners(context.Background(), []int{1}); (err != nil) != tt.fails || len(got) != 0 {
			t.Errorf("%s: got %v, error %v", tt.script, got, err)
		}
	}
}

func FuzzParseLsof(f *testing.F) {
	f.Add([]byte(lsofFields))
	f.Add([]byte("p\nn:\np-1\nn*:1\n"))
	f.Fuzz(func(t *testing.T, out []byte) {
		for port, pids := range parseLsof(out) {
			if port < 1 || port > 65535 {
				t.Errorf("port %d", port)
			}
			for _, pid := range pids {
				if pid <= 0 {
					t.Errorf("pid %d", pid)
				}
			}
		}
	})
}

func TestRunCommand(t *testing.T) {
	out, err := runCommand(context.Background(), "/bin/sh", "-c", "echo out; echo err >&2")
	if err != nil || string(out) != "out\n" {
		t.Errorf("got %q, error %v; want standard output alone", out, err)
	}
	if _, err := runCommand(context.Background(), "/does/not/exist"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v for a missing tool", err)
	}
	// A tool that hangs is killed when the context ends.
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := runCommand(ctx, "/bin/sh", "-c", "exec sleep 600"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got error %v, want context.DeadlineExceeded", err)
	}
	if _, err := runCommand(context.Background(), "/bin/sh", "-c", "exit 3"); err == nil {
		t.Error("no error from a tool that went wrong")
	}
}

func TestLimitedBuffer(t *testing.T) {
	b := limitedBuffer{left: 3}
	if n, err := b.Write([]byte("abc")); n != 3 || err != nil {
		t.Errorf("wrote %d, %v", n, err)
	}
	if _, err := b.Write([]byte("d")); !errors.Is(err, errTooLong) || b.String() != "abc" {
		t.Errorf("got %v and %q, want errTooLong and abc", err, b.String())
	}
}
