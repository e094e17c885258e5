package requestlog_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// writer writes numbered lines and rotates its log, as a server and its rotator
// together do.
type writer struct {
	dir   string
	file  *os.File
	next  int // the number of the next line
	kept  int // rotations so far
	buf   bytes.Buffer
	whole bool // many lines in one call
	chain bool // rotated logs move up, as with server.log.1; else they are dated
	// pad makes lines of differing length, like those of a server.
	pad *rand.Rand
}

func newWriter(dir string, chain bool) (*writer, error) {
	w := &writer{dir: dir, chain: chain, pad: rand.New(rand.NewPCG(1, 2))}
	return w, w.reopen()
}

func (w *writer) path() string { return filepath.Join(w.dir, "server.log") }

func (w *writer) reopen() error {
	f, err := os.OpenFile(w.path(), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	w.file = f
	return err
}

// lines writes n lines, each with one call, as servers do, unless whole is set.
func (w *writer) lines(n int) error {
	const padding = "slot print_timing: id  0 | task 0 | prompt eval time =      10.00 ms /    10 tokens (    1.00 ms per token)"
	for i := range n {
		fmt.Fprintf(&w.buf, "%09d %s\n", w.next, padding[:w.pad.IntN(len(padding))])
		w.next++
		if w.whole && i < n-1 {
			continue
		}
		if _, err := w.file.Write(w.buf.Bytes()); err != nil {
			return err
		}
		w.buf.Reset()
	}
	return nil
}

// room returns the name that the log is rotated to.
func (w *writer) room() (string, error) {
	w.kept++
	if !w.chain {
		return fmt.Sprintf("%s-20261124%06d", w.path(), w.kept), nil
	}
	for i := w.kept - 1; i >= 1; i-- {
		if err := os.Rename(fmt.Sprintf("%s.%d", w.path(), i), fmt.Sprintf("%s.%d", w.path(), i+1)); err != nil {
			return "", err
		}
	}
	return w.path() + ".1", nil
}

func (w *writer) rename() error {
	to, err := w.room()
	if err != nil {
		return err
	}
	if err := os.Rename(w.path(), to); err != nil {
		return err
	}
	w.file.Close()
	return w.reopen()
}

// copyTruncate copies the log and empties it, between two lines.
func (w *writer) copyTruncate() error {
	to, err := w.room()
	if err != nil {
		return err
	}
	data, err := os.ReadFile(w.path())
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		return err
	}
	return os.Truncate(w.path(), 0)
}

// reader follows the log and checks that every line comes once, in order.
type reader struct {
	t       testing.TB
	path    string
	f       *requestlog.Follower
	stats   requestlog.FollowerStats // of those closed
	next    int
	lost    []int // the numbers that were left out
	doubled int
	strange int // what is not a line that was written
}

func newReader(t testing.TB, path string) *reader {
	r := &reader{t: t, path: path, f: requestlog.NewFollower(path, requestlog.FollowerOptions{})}
	t.Cleanup(func() { r.f.Close() })
	return r
}

func (r *reader) take(l requestlog.Line) {
	n := -1
	if len(l.Data) >= 10 {
		if v, err := strconv.Atoi(string(l.Data[:9])); err == nil && l.Data[9] == ' ' {
			n = v
		}
	}
	switch {
	case n < 0:
		r.strange++
	case n < r.next:
		r.doubled++
	default:
		for ; r.next < n; r.next++ {
			r.lost = append(r.lost, r.next)
		}
		r.next++
	}
}

func (r *reader) poll() {
	for again := true; again; again = r.f.Behind() {
		// Between renaming the log and making a new one there is none.
		if err := r.f.Poll(time.Now(), r.take); err != nil && !errors.Is(err, fs.ErrNotExist) {
			r.t.Fatal(err)
		}
	}
}

// restart goes on as a new process would, with the position as it was stored.
func (r *reader) restart() {
	r.t.Helper()
	pos, ok := r.f.Position()
	data, err := cbor.Marshal(pos)
	if !ok || err != nil {
		r.t.Fatalf("position %v, %v", ok, err)
	}
	r.close()
	pos = requestlog.Position{}
	if err := cbor.Unmarshal(data, &pos); err != nil {
		r.t.Fatal(err)
	}
	r.f = requestlog.NewFollower(r.path, requestlog.FollowerOptions{})
	r.f.Resume(pos)
}

func (r *reader) close() {
	s := r.f.Stats()
	r.f.Close()
	r.stats.Rotations += s.Rotations
	r.stats.Truncations += s.Truncations
	r.stats.Rewrites += s.Rewrites
	r.stats.Emptied += s.Emptied
	r.stats.Lost += s.Lost
	r.stats.CutLines += s.CutLines
}

// whole fails the test unless the lines up to number n came, each once.
func (r *reader) whole(n int) {
	r.t.Helper()
	r.close()
	r.t.Logf("%d lines, %d lost, %d doubled; %+v", r.next, len(r.lost), r.doubled, r.stats)
	if r.next != n || len(r.lost) > 0 || r.doubled > 0 || r.strange > 0 {
		r.t.Errorf("%d of %d lines: %d lost, %d doubled, %d strange", r.next, n, len(r.lost), r.doubled, r.strange)
	}
	if s := r.stats; s.Lost+s.Emptied+s.CutLines > 0 {
		r.t.Errorf("counted as lost: %+v", s)
	}
}

// volume is how many lines a test writes.
func volume() int {
	if testing.Short() {
		return 200_000
	}
	return 1_000_000
}

// TestRotationVirtualPace: 10,000 lines a second, polled once a second, rotated
// every three seconds on average, at any moment; every tenth second sovmeter is
// down for up to ten. The pace is that of the counts: nothing waits.
func TestRotationVirtualPace(t *testing.T) {
	for name, rotate := range map[string]func(*writer) error{"rename": (*writer).rename, "copy and truncate": (*writer).copyTruncate} {
		for _, chain := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, chain %v", name, chain), func(t *testing.T) {
				w, err := newWriter(t.TempDir(), chain)
				if err != nil {
					t.Fatal(err)
				}
				virtualPace(t, w, rotate)
			})
		}
	}
}

func virtualPace(t *testing.T, w *writer, rotate func(*writer) error) {
	t.Helper()
	const perSecond = 10_000
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.whole = true
	check(w.lines(1))
	r := newReader(t, w.path())
	r.poll() // from then on the log is metered
	for left := volume() - 1; left > 0; left -= perSecond {
		if chance.IntN(3) == 0 {
			before := chance.IntN(perSecond)
			check(w.lines(before))
			check(rotate(w))
			check(w.lines(perSecond - before))
		} else {
			check(w.lines(perSecond))
		}
		switch {
		case chance.IntN(10) == 0: // down, for a second at least
			r.restart()
			continue
		case chance.IntN(10) == 0:
			r.poll()
			r.restart()
		default:
			r.poll()
		}
	}
	r.poll()
	r.whole(w.next)
}

// TestRotationAtFullSpeed: the log is written and renamed as fast as the
// machine can, while another goroutine reads it and is restarted again and
// again.
func TestRotationAtFullSpeed(t *testing.T) {
	for _, chain := range []bool{true, false} {
		t.Run(fmt.Sprintf("chain %v", chain), func(t *testing.T) {
			w, err := newWriter(t.TempDir(), chain)
			if err != nil {
				t.Fatal(err)
			}
			r := newReader(t, w.path())
			r.poll()
			var wg sync.WaitGroup
			done := make(chan error, 1)
			wg.Go(func() {
				var err error
				for i := 0; i < volume()/50_000 && err == nil; i++ {
					if err = w.lines(10_000); err == nil {
						err = w.rename()
					}
				}
				done <- err
			})
			defer wg.Wait()
			for polls := 0; ; polls++ {
				select {
				case err := <-done:
					if err != nil {
						t.Fatal(err)
					}
					r.poll()
					r.whole(w.next)
					return
				default:
					r.poll()
					if polls%100 == 99 {
						r.restart()
					}
				}
			}
		})
	}
}
