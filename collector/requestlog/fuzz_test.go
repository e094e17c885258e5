package requestlog_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// FuzzFollow: whatever bytes a log holds, in whatever parts they come, and
// wherever the reading is interrupted, the same lines are handed over, none is
// longer than allowed, and together they hold the log.
func FuzzFollow(f *testing.F) {
	f.Add([]byte("one\ntwo\r\n\nthree"), uint16(5), uint16(9), true)
	f.Add([]byte("\x00\x00\x00one\n\x00two\x00\n"), uint16(1), uint16(8), true)
	f.Add(append(bytes.Repeat([]byte("x"), 300), "\nnext\n"...), uint16(100), uint16(250), false)
	f.Add([]byte("10%\r20%\r\r\n\xff\xfe\x1b[0m\n"), uint16(3), uint16(4), false)
	f.Add(append(append([]byte("cut"), make([]byte, 600)...), "after\n"...), uint16(0), uint16(0), false)
	f.Fuzz(func(t *testing.T, data []byte, a, b uint16, again bool) {
		whole := followParts(t, again, data)
		if hole := make([]byte, 256); !bytes.Contains(data, hole) { // one that comes in parts may be seen as two
			i, j := min(int(a), int(b), len(data)), min(max(int(a), int(b)), len(data))
			if diff := cmp.Diff(whole, followParts(t, again, data[:i], data[i:j], data[j:])); diff != "" {
				t.Fatalf("lines (-whole +in parts):\n%s", diff)
			}
		}
		if n := bytes.Count(data, []byte("\n")); len(whole) > n+2+len(data)/512 {
			t.Errorf("%d lines of %d line feeds", len(whole), n)
		}
	})
}

// followParts follows a log to which the parts are appended one after the
// other, with a restart after each when that is wanted.
func followParts(t *testing.T, restarted bool, parts ...[]byte) []string {
	t.Helper()
	const maxLine = 200
	path := filepath.Join(t.TempDir(), "server.log")
	log, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	opt := requestlog.FollowerOptions{MaxLine: maxLine}
	f := requestlog.NewFollower(path, opt)
	defer func() { f.Close() }()
	lines := []string{}
	for _, part := range parts {
		if _, err := log.Write(part); err != nil {
			t.Fatal(err)
		}
		err := f.Poll(time.Now(), func(l requestlog.Line) {
			if len(l.Data) > maxLine || l.Overlong && l.Data != nil {
				t.Fatalf("a line of %d bytes, overlong %v", len(l.Data), l.Overlong)
			}
			lines = append(lines, fmt.Sprintf("%d %v %q", l.Offset, l.Overlong, l.Data))
		})
		if err != nil {
			t.Fatal(err)
		}
		pos, ok := f.Position()
		if !ok || !restarted {
			continue
		}
		f.Close()
		f = requestlog.NewFollower(path, opt)
		f.Resume(pos)
	}
	if s := f.Stats(); s.Lost+s.Emptied+s.Rotations > 0 {
		t.Fatalf("stats %+v", s)
	}
	return lines
}

// FuzzPosition: no position makes a Follower panic, or read a line twice.
func FuzzPosition(f *testing.F) {
	f.Add(int64(4), true, int64(0))
	f.Add(int64(-1), false, int64(1))
	f.Add(int64(1)<<62, false, int64(-1))
	f.Fuzz(func(t *testing.T, offset int64, skipping bool, atEnd int64) {
		path := filepath.Join(t.TempDir(), "server.log")
		if err := os.WriteFile(path, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		p := requestlog.Position{Skipping: skipping, AtEnd: atEnd}
		p.Offset = offset
		f := requestlog.NewFollower(path, requestlog.FollowerOptions{})
		defer f.Close()
		f.Resume(p)
		seen := map[int64]bool{}
		for range 2 {
			if err := f.Poll(time.Now(), func(l requestlog.Line) {
				if seen[l.Offset] || l.Offset < 0 {
					t.Fatalf("a line at %d", l.Offset)
				}
				seen[l.Offset] = true
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzRestore: a checkpoint of any content is refused or resumed, without a
// panic, and the one that is taken next resumes at the same place.
func FuzzRestore(f *testing.F) {
	path := filepath.Join(f.TempDir(), "gateway.log")
	for _, text := range []string{"2026-11-24T05:00:00Z\n", "noise\nhalf"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			f.Fatal(err)
		}
		u, err := gatewaySource(path).Poll(time.Now())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(u.Checkpoint)
		f.Add(u.Checkpoint[:len(u.Checkpoint)/2])
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		s := gatewaySource(path)
		defer s.Close()
		if err := s.Restore(data); err != nil {
			if !errors.Is(err, requestlog.ErrCheckpoint) {
				t.Errorf("refused: %v", err)
			}
			return
		}
		u, err := s.Poll(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		again := gatewaySource(path)
		defer again.Close()
		if err := again.Restore(u.Checkpoint); err != nil {
			t.Fatal(err)
		}
		if u, err = again.Poll(time.Now()); err != nil || u.Lines != (attribution.LineCounts{}) {
			t.Errorf("%+v came again, %v", u.Lines, err)
		}
	})
}

func gatewaySource(path string) *requestlog.Source {
	return requestlog.NewSource(requestlog.SourceOptions{Path: path, Format: "gateway", Parser: &gateway{}})
}
