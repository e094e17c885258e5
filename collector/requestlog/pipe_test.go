//go:build darwin || linux

package requestlog_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// TestFollowPipe: a pipe in place of the log is no log, and nobody waits for
// its writer, not even when it takes the log's place while that is opened.
func TestFollowPipe(t *testing.T) {
	dir := t.TempDir()
	path, pipe := filepath.Join(dir, "server.log"), filepath.Join(dir, "pipe")
	stop, stopped := make(chan struct{}), make(chan error)
	go func() {
		var err error
		for err == nil {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			err = errors.Join(os.WriteFile(path+".new", []byte("one\n"), 0o600), os.Rename(path+".new", path),
				syscall.Mkfifo(pipe, 0o600), os.Rename(pipe, path))
		}
		stopped <- err
	}()
	seen := map[string]int{}
	for range 10_000 { // without that, one of the first 1,200 waited
		f := requestlog.NewFollower(path, requestlog.FollowerOptions{MaxLine: 10})
		err := f.Poll(time.Now(), func(requestlog.Line) { seen["line"]++ })
		if errors.Is(err, requestlog.ErrNotRegular) {
			seen["pipe"]++
		}
		f.Close()
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if seen["line"] == 0 || seen["pipe"] == 0 {
		t.Errorf("seen %v", seen)
	}
}
