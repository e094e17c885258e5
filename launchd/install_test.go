package launchd_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"howett.net/plist"

	"github.com/sovmeter/sovmeter/launchd"
)

func TestInstall(t *testing.T) {
	b := newBench(t)
	if err := b.service.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantCalls := []string{"print " + target, "enable " + target, "bootstrap system " + plistPath}
	if diff := cmp.Diff(wantCalls, b.calls()); diff != "" {
		t.Errorf("launchctl calls (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"wrote " + plistPath, "loaded " + target}, b.told()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	info, err := os.Stat(filepath.Join(b.dir, plistFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, want 0644: launchd refuses a list that others may write", info.Mode().Perm())
	}
	if !b.exists("root/Library/Logs/sovmeter") {
		t.Error("the log's folder is not there: launchd would drop the output")
	}
	entries, err := os.ReadDir(filepath.Join(b.dir, filepath.Dir(plistFile)))
	if err != nil || len(entries) != 1 {
		t.Errorf("want the property list alone in its folder, got %v, %v", entries, err)
	}
}

func TestPlistContent(t *testing.T) {
	b := newBench(t)
	odd := "/etc/{{.Name}} & <é> \"'.yaml" // braces break templates, the rest naive XML
	b.write("root"+odd, "config", 0o644)
	b.service.Config = odd
	b.installed()
	text, err := os.ReadFile(filepath.Join(b.dir, plistFile))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if _, err := plist.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"Label":                "io.sovmeter.sovmeter",
		"ProgramArguments":     []any{"/usr/local/bin/sovmeter", "run", "--config", odd},
		"RunAtLoad":            true,
		"KeepAlive":            true,
		"ThrottleInterval":     uint64(30),
		"ExitTimeOut":          uint64(15),
		"Umask":                uint64(23), // 027
		"EnvironmentVariables": map[string]any{"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
		"StandardOutPath":      "/Library/Logs/sovmeter/sovmeter.log",
		"StandardErrorPath":    "/Library/Logs/sovmeter/sovmeter.log",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("property list (-want +got):\n%s", diff)
	}
}

func TestInstallWithoutConfig(t *testing.T) {
	b := newBench(t)
	b.service.Config = ""
	b.installed()
	var got struct{ ProgramArguments []string }
	text, err := os.ReadFile(filepath.Join(b.dir, plistFile))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plist.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/usr/local/bin/sovmeter", "run"}, got.ProgramArguments); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestInstallAgain(t *testing.T) {
	tests := []struct {
		name   string
		change func(*bench)
		calls  []string
		told   []string
	}{
		{
			name:   "nothing differs",
			change: func(*bench) {},
			calls:  []string{"print " + target},
			told:   []string{"already installed and loaded; nothing changed (after an upgrade: sudo sovmeter service restart)"},
		},
		{
			name: "other config",
			change: func(b *bench) {
				b.write("root/etc/other.yaml", "config", 0o644)
				b.service.Config = "/etc/other.yaml"
			},
			calls: []string{
				"print " + target, "bootout " + target, "print " + target,
				"enable " + target, "bootstrap system " + plistPath,
			},
			told: []string{"unloaded " + target, "wrote " + plistPath, "loaded " + target},
		},
		{
			name: "stopped meanwhile",
			change: func(b *bench) {
				if err := b.service.Stop(b.t.Context()); err != nil {
					b.t.Fatal(err)
				}
			},
			calls: []string{"print " + target, "enable " + target, "bootstrap system " + plistPath},
			told:  []string{"loaded " + target},
		},
		{
			name: "property list lost",
			change: func(b *bench) {
				if err := os.Remove(filepath.Join(b.dir, plistFile)); err != nil {
					b.t.Fatal(err)
				}
			},
			calls: []string{
				"print " + target, "bootout " + target, "print " + target,
				"enable " + target, "bootstrap system " + plistPath,
			},
			told: []string{"unloaded " + target, "wrote " + plistPath, "loaded " + target},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t).installed()
			tt.change(b)
			b.forget()
			if err := b.service.Install(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.calls, b.calls()); diff != "" {
				t.Errorf("launchctl calls (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.told, b.told()); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			loaded, err := os.ReadFile(filepath.Join(b.dir, "loaded/io.sovmeter.sovmeter"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(loaded), "<string>"+b.service.Config+"</string>") {
				t.Errorf("launchd holds an old property list:\n%s", loaded)
			}
		})
	}
}

func TestReloadWaitsForTheOldJobToGo(t *testing.T) {
	b := newBench(t).installed()
	b.write("drain", "4", 0o644)
	b.service.Config = ""
	if err := b.service.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []time.Duration{100 * time.Millisecond, 200 * time.Millisecond, 400 * time.Millisecond, 800 * time.Millisecond}
	if diff := cmp.Diff(want, b.waited); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

func TestBootstrapIsTriedAgain(t *testing.T) {
	b := newBench(t)
	b.write("bootstrap_codes", "37\n5\n", 0o644)
	if err := b.service.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.waited) != 2 || !b.exists("loaded/io.sovmeter.sovmeter") {
		t.Errorf("want the job loaded after 2 pauses, got pauses %v", b.waited)
	}
}

func TestInstallFails(t *testing.T) {
	forever := strings.Repeat("5\n", 100)
	tests := []struct {
		name, codes string
		code        int
		pauses      time.Duration
	}{
		{name: "at once", codes: "78\n", code: 78},
		{name: "again and again", codes: forever, code: 5, pauses: 21100 * time.Millisecond},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			b.write("bootstrap_codes", tt.codes, 0o644)
			err := b.service.Install(t.Context())
			var code *launchd.LaunchctlError
			if !errors.As(err, &code) || code.Code != tt.code {
				t.Fatalf("got %v, want launchctl's exit code %d", err, tt.code)
			}
			if got := total(b.waited); got != tt.pauses {
				t.Errorf("waited %v, want %v", got, tt.pauses)
			}
			if b.exists(plistFile) {
				t.Error("the property list stayed, so the job would start at the next boot")
			}
		})
	}
}

func TestFailedReloadKeepsThePropertyList(t *testing.T) {
	b := newBench(t).installed()
	b.service.Config = ""
	b.write("bootstrap_codes", "78\n", 0o644)
	err := b.service.Install(t.Context())
	if err == nil || !strings.Contains(hintOf(err), "service start") {
		t.Fatalf("got %v with hint %q, want a hint at service start", err, hintOf(err))
	}
	if !b.exists(plistFile) {
		t.Error("an update that launchd refused removed the installation")
	}
}

// TestInstallAfterAFailedReload: the old job that would not go must not hide
// behind the new property list.
func TestInstallAfterAFailedReload(t *testing.T) {
	b := newBench(t).installed()
	b.service.Config = ""
	b.write("fail_bootout", "150", 0o644)
	if err := b.service.Install(t.Context()); err == nil {
		t.Fatal("want an error: the old job did not go")
	}
	if err := os.Remove(filepath.Join(b.dir, "fail_bootout")); err != nil {
		t.Fatal(err)
	}
	b.forget()
	if err := b.service.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"unloaded " + target, "wrote " + plistPath, "loaded " + target}, b.told()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestInstallRefuses(t *testing.T) {
	hash := strings.Repeat("0123456789abcdef", 4)
	tests := []struct {
		name   string
		change func(*launchd.Service)
		want   error
		hint   string
	}{
		{"not root", func(s *launchd.Service) { s.UserID = func() int { return 501 } }, launchd.ErrPermission, "run with sudo"},
		{"go run", func(s *launchd.Service) { s.Executable = "/opt/go-build42/b001/exe/sovmeter" }, launchd.ErrTemporary, "go build"},
		{"go run from the build cache", func(s *launchd.Service) { s.Executable = "/opt/cache/2f/" + hash + "-d/sovmeter" }, launchd.ErrTemporary, "go build"},
		{"temporary folder", func(s *launchd.Service) { s.Executable = "/private/var/folders/x/T/sovmeter" }, launchd.ErrTemporary, "go build"},
		{"relative binary", func(s *launchd.Service) { s.Executable = "./sovmeter" }, launchd.ErrInvalid, "from / on"},
		{"no binary", func(s *launchd.Service) { s.Executable = "/usr/local/bin/gone" }, launchd.ErrInvalid, "path"},
		{"binary is a folder", func(s *launchd.Service) { s.Executable = "/usr/local/bin" }, launchd.ErrInvalid, "binary itself"},
		{"binary cannot be run", func(s *launchd.Service) { s.Executable = "/etc/sovmeter.yaml" }, launchd.ErrInvalid, "binary itself"},
		{"relative config", func(s *launchd.Service) { s.Config = "sovmeter.yaml" }, launchd.ErrInvalid, "from / on"},
		{"no config", func(s *launchd.Service) { s.Config = "/etc/gone.yaml" }, launchd.ErrInvalid, "path"},
		{"config is a folder", func(s *launchd.Service) { s.Config = "/etc" }, launchd.ErrInvalid, "file itself"},
		{"config with a control character", func(s *launchd.Service) { s.Config = "/etc/\x01.yaml" }, launchd.ErrInvalid, ""},
		{"other system", func(s *launchd.Service) { s.System = "linux" }, launchd.ErrUnsupported, "sovmeter run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			for _, path := range []string{
				"/opt/go-build42/b001/exe/sovmeter", "/opt/cache/2f/" + hash + "-d/sovmeter",
				"/private/var/folders/x/T/sovmeter", "/etc/\x01.yaml",
			} {
				b.write("root"+path, "", 0o755)
			}
			tt.change(&b.service)
			err := b.service.Install(t.Context())
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if !strings.Contains(hintOf(err), tt.hint) || (tt.hint == "") != (hintOf(err) == "") {
				t.Errorf("hint %q, want one with %q", hintOf(err), tt.hint)
			}
			if b.exists(plistFile) || b.exists("loaded/io.sovmeter.sovmeter") {
				t.Error("something was installed all the same")
			}
		})
	}
}

func TestInstallNotesAWritableBinary(t *testing.T) {
	b := newBench(t)
	b.write("root/usr/local/bin/sovmeter", "binary", 0o777)
	if err := b.service.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(b.notes) != 1 || !strings.HasPrefix(b.notes[0], "note: /usr/local/bin/sovmeter") || !strings.Contains(b.notes[0], "as root") {
		t.Errorf("notes %q, want one about who may replace the binary", b.notes)
	}
}

func TestUninstall(t *testing.T) {
	b := newBench(t).installed()
	if err := b.service.Uninstall(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"unloaded " + target, "removed " + plistPath, "kept the log in /Library/Logs/sovmeter and all data"}
	if diff := cmp.Diff(want, b.told()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if b.exists(plistFile) || b.exists("loaded/io.sovmeter.sovmeter") {
		t.Error("something is left")
	}
	if err := b.service.Uninstall(t.Context()); err != nil {
		t.Fatalf("a second time: %v", err)
	}
	want = []string{"not installed: there is no " + plistPath + "; nothing to do"}
	if diff := cmp.Diff(want, b.told()); diff != "" {
		t.Errorf("second report (-want +got):\n%s", diff)
	}
}

func TestUninstallKeepsThePlistOfAJobThatDoesNotGo(t *testing.T) {
	b := newBench(t).installed()
	b.write("drain", "1000", 0o644)
	err := b.service.Uninstall(t.Context())
	if !errors.Is(err, launchd.ErrStillLoaded) {
		t.Fatalf("got %v, want ErrStillLoaded", err)
	}
	if !b.exists(plistFile) {
		t.Error("the property list is gone while the job is loaded")
	}
	if got := total(b.waited); got < 15*time.Second || got > 30*time.Second {
		t.Errorf("waited %v, want a little more than the 15 s the job may take", got)
	}
}

func TestInstallStopsWaitingWithItsContext(t *testing.T) {
	b := newBench(t)
	b.write("bootstrap_codes", strings.Repeat("5\n", 100), 0o644)
	ctx, cancel := context.WithCancel(t.Context())
	b.service.Wait = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}
	if err := b.service.Install(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if !errors.As(err, &h) {
		return ""
	}
	return h.Hint()
}
