package launchd_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/launchd"
)

// fakeLaunchctl stands in for launchd and its launchctl. It keeps one file a
// loaded job in $dir/loaded and appends its arguments to $dir/calls. Files steer it:
//
//	drain           how many more prints see a job after its bootout, which then answers 36
//	bootstrap_codes exit codes of the next bootstraps, one a line
//	fail_VERB       exit code of VERB, which then does nothing
const fakeLaunchctl = `#!/bin/sh
dir='DIR'
echo "$*" >> "$dir/calls"
for label; do :; done # the last argument
label=$(basename "$label" .plist)
say() { echo "$1" >&2; exit "$2"; }
if [ -f "$dir/fail_$1" ]; then say "$1 failed on purpose" "$(cat "$dir/fail_$1")"; fi
left=0; [ -f "$dir/drain" ] && left=$(cat "$dir/drain")
draining() { [ -f "$dir/draining" ] && [ "$left" -gt 0 ]; }
case $1 in
enable) exit 0 ;;
print)
	[ -f "$dir/loaded/$label" ] && exit 0
	if draining; then echo $((left - 1)) > "$dir/drain"; exit 0; fi
	say "Could not find service \"$label\" in domain for system" 113 ;;
bootstrap)
	[ -f "$3" ] || say 'Bootstrap failed: 2: No such file or directory' 2
	if [ -s "$dir/bootstrap_codes" ]; then
		code=$(head -n 1 "$dir/bootstrap_codes")
		tail -n +2 "$dir/bootstrap_codes" > "$dir/rest"; mv "$dir/rest" "$dir/bootstrap_codes"
		[ "$code" = 0 ] || say "Bootstrap failed: $code" "$code"
	fi
	draining && say 'Bootstrap failed: 37: Operation already in progress' 37
	[ -f "$dir/loaded/$label" ] && say 'Bootstrap failed: 5: Input/output error' 5
	cp "$3" "$dir/loaded/$label" ;;
bootout)
	[ -f "$dir/loaded/$label" ] || say 'Boot-out failed: 3: No such process' 3
	rm "$dir/loaded/$label"; : > "$dir/draining"
	[ "$left" -gt 0 ] && say 'Boot-out failed: 36: Operation now in progress' 36
	exit 0 ;;
kickstart)
	[ -f "$dir/loaded/$label" ] || say 'Could not find service' 113 ;;
*) say "unknown verb $1" 64 ;;
esac
`

// bench is a Mac in a folder: a fake launchctl on PATH, a root folder with a
// binary and a config, and a record of what happened.
type bench struct {
	t       *testing.T
	dir     string
	service launchd.Service
	steps   []string
	notes   []string // apart, as they depend on who runs the tests
	waited  []time.Duration
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir()}
	b.write("bin/launchctl", strings.ReplaceAll(fakeLaunchctl, "DIR", b.dir), 0o755)
	b.write("root/usr/local/bin/sovmeter", "binary", 0o755)
	b.write("root/etc/sovmeter.yaml", "config", 0o644)
	b.write("loaded/.keep", "", 0o644)
	t.Setenv("PATH", filepath.Join(b.dir, "bin")+":"+os.Getenv("PATH"))
	b.service = launchd.Service{
		Executable: "/usr/local/bin/sovmeter",
		Config:     "/etc/sovmeter.yaml",
		Root:       filepath.Join(b.dir, "root"),
		System:     "darwin",
		UserID:     func() int { return 0 },
		Report:     b.record,
		Wait: func(ctx context.Context, d time.Duration) error {
			b.waited = append(b.waited, d)
			return ctx.Err()
		},
	}
	return b
}

func (b *bench) record(step string) {
	step = strings.ReplaceAll(step, b.dir+"/root", "")
	if strings.HasPrefix(step, "note: ") {
		b.notes = append(b.notes, step)
		return
	}
	b.steps = append(b.steps, step)
}

func (b *bench) write(name, text string, mode os.FileMode) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		b.t.Fatal(err)
	}
}

// calls returns and forgets launchctl's argument lists since the last time.
func (b *bench) calls() []string {
	b.t.Helper()
	path := filepath.Join(b.dir, "calls")
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		b.t.Fatal(err)
	}
	clean := strings.ReplaceAll(strings.TrimSpace(string(text)), b.dir+"/root", "")
	return strings.Split(clean, "\n")
}

// told returns and forgets what was reported since the last time.
func (b *bench) told() []string {
	steps := b.steps
	b.steps = nil
	return steps
}

// forget drops what a test's preparation did.
func (b *bench) forget() {
	b.calls()
	b.told()
	b.waited = nil
}

// installed installs the service and forgets it did.
func (b *bench) installed() *bench {
	b.t.Helper()
	if err := b.service.Install(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	b.forget()
	return b
}

func (b *bench) exists(name string) bool {
	b.t.Helper()
	_, err := os.Stat(filepath.Join(b.dir, name))
	return err == nil
}

func total(pauses []time.Duration) (sum time.Duration) {
	for _, p := range pauses {
		sum += p
	}
	return sum
}

const (
	plistFile = "root/Library/LaunchDaemons/io.sovmeter.sovmeter.plist"
	plistPath = "/Library/LaunchDaemons/io.sovmeter.sovmeter.plist"
	target    = "system/io.sovmeter.sovmeter"
)
