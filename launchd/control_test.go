package launchd_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/launchd"
)

func TestControl(t *testing.T) {
	start := launchd.Service.Start
	stop := launchd.Service.Stop
	restart := launchd.Service.Restart
	tests := []struct {
		name    string
		stopped bool // before the operation
		do      func(launchd.Service, context.Context) error
		calls   []string
		told    []string
	}{
		{
			name: "start when stopped", stopped: true, do: start,
			calls: []string{"print " + target, "enable " + target, "bootstrap system " + plistPath},
			told:  []string{"loaded " + target},
		},
		{
			name: "start when loaded", do: start,
			calls: []string{"print " + target, "kickstart " + target},
			told:  []string{target + " is loaded and was told to run"},
		},
		{
			name: "stop", do: stop,
			calls: []string{"print " + target, "bootout " + target, "print " + target},
			told:  []string{"unloaded " + target},
		},
		{
			name: "stop when stopped", stopped: true, do: stop,
			calls: []string{"print " + target},
			told:  []string{target + " is not loaded; nothing to stop"},
		},
		{
			name: "restart", do: restart,
			calls: []string{"print " + target, "kickstart -k " + target},
			told:  []string{"restarted " + target},
		},
		{
			name: "restart when stopped", stopped: true, do: restart,
			calls: []string{"print " + target, "enable " + target, "bootstrap system " + plistPath},
			told:  []string{"loaded " + target},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t).installed()
			if tt.stopped {
				if err := b.service.Stop(t.Context()); err != nil {
					t.Fatal(err)
				}
				b.forget()
			}
			if err := tt.do(b.service, t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.calls, b.calls()); diff != "" {
				t.Errorf("launchctl calls (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.told, b.told()); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
		})
	}
}

func TestControlFails(t *testing.T) {
	start, stop, restart := launchd.Service.Start, launchd.Service.Stop, launchd.Service.Restart
	tests := []struct {
		name   string
		change func(*bench)
		do     func(launchd.Service, context.Context) error
		want   error
		hint   string
	}{
		{"start when absent", func(*bench) {}, start, launchd.ErrNotInstalled, "service install"},
		{"restart when absent", func(*bench) {}, restart, launchd.ErrNotInstalled, "service install"},
		{"start not as root", notRoot, start, launchd.ErrPermission, "sudo"},
		{"stop not as root", notRoot, stop, launchd.ErrPermission, "sudo"},
		{"restart not as root", notRoot, restart, launchd.ErrPermission, "sudo"},
		{"uninstall not as root", notRoot, launchd.Service.Uninstall, launchd.ErrPermission, "sudo"},
		{"start elsewhere", elsewhere, start, launchd.ErrUnsupported, "sovmeter run"},
		{"stop elsewhere", elsewhere, stop, launchd.ErrUnsupported, "sovmeter run"},
		{"restart elsewhere", elsewhere, restart, launchd.ErrUnsupported, "sovmeter run"},
		{"uninstall elsewhere", elsewhere, launchd.Service.Uninstall, launchd.ErrUnsupported, "sovmeter run"},
		{"status elsewhere", elsewhere, statusOnly, launchd.ErrUnsupported, "sovmeter run"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			tt.change(b)
			err := tt.do(b.service, t.Context())
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if !strings.Contains(hintOf(err), tt.hint) {
				t.Errorf("hint %q, want one with %q", hintOf(err), tt.hint)
			}
		})
	}
}

func notRoot(b *bench)   { b.service.UserID = func() int { return 501 } }
func elsewhere(b *bench) { b.service.System = "linux" }

func statusOnly(s launchd.Service, ctx context.Context) error {
	_, err := s.Status(ctx)
	return err
}

func TestLaunchctlErrors(t *testing.T) {
	tests := []struct {
		name, verb string
		do         func(launchd.Service, context.Context) error
		want       string
	}{
		{
			"kickstart", "kickstart", launchd.Service.Restart,
			"restart io.sovmeter.sovmeter: launchctl kickstart -k " + target + ": exit code 150: kickstart failed on purpose",
		},
		{
			"bootout", "bootout", launchd.Service.Stop,
			"stop io.sovmeter.sovmeter: launchctl bootout " + target + ": exit code 150: bootout failed on purpose",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t).installed()
			b.write("fail_"+tt.verb, "150", 0o644)
			err := tt.do(b.service, t.Context())
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if len(b.waited) != 0 {
				t.Errorf("waited %v for a refusal", b.waited)
			}
		})
	}
}

// TestEnableMayFail: enable is a courtesy, bootstrap decides.
func TestEnableMayFail(t *testing.T) {
	b := newBench(t)
	b.write("fail_enable", "1", 0o644)
	if err := b.service.Install(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestNoLaunchctl(t *testing.T) {
	b := newBench(t).installed()
	t.Setenv("PATH", t.TempDir())
	_, err := b.service.Status(t.Context())
	var code *launchd.LaunchctlError
	if err == nil || errors.As(err, &code) {
		t.Fatalf("got %v, want an error that is no exit code: not loaded is not the same as unknown", err)
	}
}

func TestStatus(t *testing.T) {
	b := newBench(t)
	remove := func() {
		if err := os.Remove(filepath.Join(b.dir, plistFile)); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		name              string
		do                func() error
		installed, loaded bool
		text              string
	}{
		{"before", func() error { return nil }, false, false, "not installed"},
		{"installed", func() error { return b.service.Install(t.Context()) }, true, true, "loaded; launchd keeps it running"},
		{"stopped", func() error { return b.service.Stop(t.Context()) }, true, false, "installed and stopped"},
		{"list lost", func() error { defer remove(); return b.service.Start(t.Context()) }, false, true, "will not come back"},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		notRoot(b) // status is for everyone
		got, err := b.service.Status(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		b.service.UserID = func() int { return 0 }
		want := launchd.Status{
			Label: "io.sovmeter.sovmeter", Plist: b.service.PlistPath(), Log: b.service.LogPath(),
			Installed: step.installed, Loaded: step.loaded,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		if !strings.Contains(got.String(), step.text) {
			t.Errorf("%s: %q does not say %q", step.name, got, step.text)
		}
	}
}
