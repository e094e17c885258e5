package host

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOptions(t *testing.T) {
	wanted := []string{"--port", "-p", "--log-file"}
	tests := []struct {
		name string
		args []string
		want map[string]string
	}{
		{"apart and joined", []string{"llama-server", "--port", "8081", "--log-file=/tmp/a.log"}, map[string]string{"--port": "8081", "--log-file": "/tmp/a.log"}},
		{"not asked for", []string{"llama-server", "--api-key", "canary", "--api-key=canary"}, map[string]string{}},
		{"the last counts", []string{"x", "-p", "1", "-p", "2"}, map[string]string{"-p": "2"}},
		{"without a value", []string{"x", "--port"}, map[string]string{}},
		{"another option that begins alike", []string{"x", "--port-range=1", "--ports", "2"}, map[string]string{}},
		{"empty value", []string{"x", "--port="}, map[string]string{"--port": ""}},
		{"no arguments", nil, map[string]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, optionsOf(tt.args, wanted)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The shapes are those of lsof 4.91, which macOS ships.
func TestOutputs(t *testing.T) {
	tests := []struct {
		name, out string
		want      map[int]string
	}{
		{"both to one file", "p42\nf1\ntREG\nn/var/log/a b.log\nf2\ntREG\nn/var/log/a b.log\n", map[int]string{1: "/var/log/a b.log", 2: "/var/log/a b.log"}},
		{"terminal and file", "p42\nf1\ntCHR\nn/dev/ttys001\nf2\ntREG\nn/tmp/err.log\n", map[int]string{2: "/tmp/err.log"}},
		{"pipe", "p42\nf1\ntPIPE\nn->0x1234\nf2\ntPIPE\nn->0x1234\n", map[int]string{}},
		{"a name without a type", "p42\nf1\nn/tmp/x\n", map[int]string{}},
		{"nothing", "", map[int]string{}},
		{"cut", "p42\nf1\ntREG\nn", map[int]string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parseOutputs([]byte(tt.out))); diff != "" {
				t.Error(diff)
			}
		})
	}
	asked := ""
	l := lsofPorts{run: func(_ context.Context, name string, args ...string) ([]byte, error) {
		asked = name
		for _, a := range args {
			asked += " " + a
		}
		return []byte("p7\nf2\ntREG\nn/x.log\n"), nil
	}}
	got := l.outputs(t.Context(), 7)
	if want := map[int]string{2: "/x.log"}; !cmp.Equal(got, want) || asked != "/usr/sbin/lsof -nP -a -p 7 -d 1,2 -Fftn" {
		t.Errorf("outputs %v by %q", got, asked)
	}
}

// The real thing, on this machine: a child with its output in a file.
func TestLaunchOfAChild(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "out.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ready, tell, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer ready.Close()
	child := exec.Command(shell, "-c", "exec 3>&-; read wait", "sh", "--port", "8081")
	child.Stdout, child.Stderr, child.ExtraFiles = file, file, []*os.File{tell}
	stop, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	tell.Close()
	defer func() {
		stop.Close()
		child.Wait() //nolint:errcheck // read fails at the end of its input
	}()
	if _, err := io.ReadAll(ready); err != nil { // ends when the shell runs
		t.Fatal(err)
	}
	system, err := ThisSystem()
	if err != nil {
		t.Fatal(err)
	}
	l, err := system.Launch(t.Context(), child.Process.Pid, []string{"--port"})
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	want := Launch{Options: map[string]string{"--port": "8081"}, Home: home, Output: map[int]string{1: file.Name(), 2: file.Name()}}
	if diff := cmp.Diff(want, l); diff != "" {
		t.Error(diff)
	}
	if _, err := system.Launch(t.Context(), 1<<30, nil); err == nil {
		t.Error("a process that is not there was described")
	}
}
