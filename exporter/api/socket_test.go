package api_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/exporter/api"
	"github.com/sovmeter/sovmeter/store"
)

func hintOf(t *testing.T, err error) string {
	t.Helper()
	var h interface{ Hint() string }
	if !errors.As(err, &h) || h.Hint() == "" {
		t.Fatalf("%v has no hint", err)
	}
	return h.Hint()
}

func ask(t *testing.T, c *api.Client) error {
	t.Helper()
	_, err := c.Range(t.Context(), noon, noon)
	return err
}

func wantError(t *testing.T, err, want error, hint string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got %v, want %v", err, want)
	}
	if got := hintOf(t, err); !strings.Contains(got, hint) {
		t.Errorf("hint %q, want %q in it", got, hint)
	}
}

// listen makes a socket and removes it again.
func listen(t *testing.T, path string) error {
	t.Helper()
	s := api.NewServer(path, &shelf{}, zerolog.Nop())
	if err := s.Listen(t.Context()); err != nil {
		return err
	}
	return s.Close()
}

func TestNoDaemon(t *testing.T) {
	err := ask(t, api.NewClient(filepath.Join(t.TempDir(), "s")))
	wantError(t, err, api.ErrNoSocket, "sovmeter service start")
	if strings.Contains(err.Error(), "http://") {
		t.Errorf("the error names a URL that nobody knows: %v", err)
	}
}

// stale leaves a socket as a killed daemon does.
func stale(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCrowd: however many clients connect and say nothing, few are held at
// once, the next is served when one of them leaves, and the daemon stops.
func TestCrowd(t *testing.T) {
	source := &shelf{found: someRange()}
	path := start(t, source)
	const most = 32
	var crowd []net.Conn
	for range most {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // it was only held
		crowd = append(crowd, c)
	}
	err := ask(t, api.NewClient(path).WithTimeout(100*time.Millisecond))
	if !errors.Is(err, api.ErrNotAnswering) {
		t.Errorf("in a crowd: %v", err)
	}
	if err := crowd[0].Close(); err != nil {
		t.Fatal(err)
	}
	if err := ask(t, api.NewClient(path)); err != nil {
		t.Errorf("after one has left: %v", err)
	}
}

func TestKilledDaemon(t *testing.T) {
	wantError(t, ask(t, api.NewClient(stale(t))), api.ErrNotAnswering, "left its socket behind")
}

func TestSilentDaemon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = ask(t, api.NewClient(path).WithTimeout(20*time.Millisecond))
	wantError(t, err, api.ErrNotAnswering, "sovmeter service")
}

func TestCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := api.NewClient(path).Range(ctx, noon, noon); !errors.Is(err, context.Canceled) || errors.Is(err, api.ErrNotAnswering) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestNoPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may use every socket")
	}
	path := start(t, &shelf{})
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	wantError(t, ask(t, api.NewClient(path)), api.ErrPermission, "sudo")
}

// foreign answers on a socket with a fixed body.
func foreign(t *testing.T, contentType, body string) *api.Client {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	})}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	return api.NewClient(path)
}

func TestOtherVersions(t *testing.T) {
	const asJSON, asStream = "application/json", "application/vnd.sovmeter.range"
	var wire bytes.Buffer
	if err := store.WriteRange(&wire, someRange()); err != nil {
		t.Fatal(err)
	}
	stream := wire.String()
	damaged := strings.Replace(stream, "\x00\x00\x00\x00\x01\x01", "\x00\x00\x00\x00\x01\xee", 1)
	for _, tt := range []struct {
		name, contentType, body string
		want                    error
		hint                    string
	}{
		{"version 1", asJSON, `{"version":1,"range":{}}`, api.ErrVersion, "sovmeter service restart"},
		{"version 2", asJSON, `{"version":2,"error":"GET \"/v3/range\" is not part of the interface"}`, api.ErrVersion, "sovmeter service restart"},
		{"no version", asJSON, `{}`, api.ErrVersion, "restart"},
		{"a page", "text/html", `<html>`, api.ErrNotAnswering, "restart"},
		{"half", asJSON, `{"version":3,"err`, api.ErrNotAnswering, "restart"},
		{"no range", asJSON, `{"version":3}`, api.ErrNotAnswering, "restart"},
		{"another schema", asStream, strings.Replace(stream, `{"schema":4`, `{"schema":9`, 1), api.ErrVersion, "restart"},
		{"half a stream", asStream, stream[:len(stream)/2], api.ErrNotAnswering, "restart"},
		{"no stream", asStream, "", api.ErrNotAnswering, "restart"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.body == stream {
				t.Fatal("nothing was changed")
			}
			wantError(t, ask(t, foreign(t, tt.contentType, tt.body)), tt.want, tt.hint)
		})
	}
	if damaged == stream {
		t.Fatal("no row was damaged")
	}
	var remote *api.RemoteError
	if err := ask(t, foreign(t, asStream, damaged)); !errors.As(err, &remote) || remote.Status != 500 || !strings.Contains(remote.Hint(), "snapshot") {
		t.Errorf("a damaged value: %v", err)
	}
}

func TestSocketFile(t *testing.T) {
	path := start(t, &shelf{})
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o660 || info.Mode().Type() != fs.ModeSocket {
		t.Errorf("mode %v, want a socket with 0660", info.Mode())
	}
	err = listen(t, path)
	wantError(t, err, api.ErrInUse, "stop the other sovmeter")
	if err := ask(t, api.NewClient(path)); err != nil {
		t.Errorf("the first daemon no longer answers: %v", err)
	}
}

func TestStaleSocketIsReplaced(t *testing.T) {
	path := stale(t)
	s := api.NewServer(path, &shelf{}, zerolog.Nop())
	if err := s.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	if err := ask(t, api.NewClient(path)); err != nil {
		t.Error(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A daemon that stops leaves the socket of its successor alone.
func TestCloseRemovesOnlyItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	old := api.NewServer(path, &shelf{}, zerolog.Nop())
	if err := old.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	next := api.NewServer(path, &shelf{}, zerolog.Nop())
	if err := next.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := old.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the successor's socket: %v", err)
	}
	if err := next.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestFileInTheWay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantError(t, listen(t, path), api.ErrNotSocket, "remove it")
	if kept, err := os.ReadFile(path); err != nil || string(kept) != "precious" {
		t.Errorf("the file is now %q, %v", kept, err)
	}
}

func TestPaths(t *testing.T) {
	long := filepath.Join("/tmp", strings.Repeat("x", 100))
	wantError(t, listen(t, long), api.ErrPathTooLong, "shorter")
	wantError(t, ask(t, api.NewClient(long)), api.ErrPathTooLong, "shorter")
	missing := filepath.Join(t.TempDir(), "no", "s")
	wantError(t, listen(t, missing), fs.ErrNotExist, "make the folder")
}
