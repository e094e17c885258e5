package lmstudio_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
)

// TestFolder follows a log over midnight, with a request that is in flight then
// and a restart of the reader between the two files.
func TestFolder(t *testing.T) {
	root := t.TempDir()
	write := func(name string, script ...string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range mapped(script) {
			fmt.Fprintln(f, s)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	format := lmstudio.Format()
	open := func(checkpoint []byte) *requestlog.Source {
		t.Helper()
		s := requestlog.NewSource(requestlog.SourceOptions{
			Path: root, Format: format.Name, Parser: format.New(requestlog.Options{Server: "s"}),
			Follower: requestlog.FollowerOptions{NoModTime: true, Files: func() ([]string, error) { return format.Files(root) }},
		})
		t.Cleanup(func() { s.Close() })
		if checkpoint != nil {
			if err := s.Restore(checkpoint); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	var got []string
	now := noon.Add(12 * time.Hour)
	poll := func(s *requestlog.Source) (inFlight int, checkpoint []byte) {
		t.Helper()
		for range 3 { // one poll reads one file
			now = now.Add(time.Minute)
			u, err := s.Poll(now)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range u.Requests {
				got = append(got, brief(r))
			}
			inFlight, checkpoint = len(u.InFlight), u.Checkpoint
		}
		return inFlight, checkpoint
	}
	const midnight = 12 * 3600
	begin := "%d [INFO][a] Running chat completion on conversation with 1 messages."
	end := "%d [INFO][a] Finished streaming response"
	write("2026-11/2026-11-24.1.log", fmt.Sprintf(begin, midnight-9))
	s := open(nil)
	if n, _ := poll(s); n != 1 {
		t.Errorf("%d in flight", n)
	}
	write("2026-11/2026-11-25.1.log", fmt.Sprintf(end, midnight+5))
	write("2026-11/2026-11-25.2.log", fmt.Sprintf(begin, midnight+10))
	n, checkpoint := poll(s)
	if n != 1 {
		t.Errorf("%d in flight", n)
	}
	write("2026-11/2026-11-25.2.log", fmt.Sprintf(end, midnight+20))
	write("2026-12/2026-12-01.1.log", "#")
	s = open(checkpoint)
	if n, _ := poll(s); n != 0 {
		t.Errorf("%d in flight", n)
	}
	want := []string{"a ok 43191.5-43205.5 ?/?/?/?", "a ok 43210.5-43220.5 ?/?/?/?"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if s.SpeaksAtEnd() || strings.Contains(string(checkpoint), "Running") {
		t.Error("it speaks as it begins, and keeps no lines")
	}
}
