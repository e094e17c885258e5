package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// patience is how long a job may take before it says how far it is.
const patience = time.Second

// progress shows on a terminal how far a long job is, and nothing elsewhere.
type progress struct {
	w       io.Writer // nil: nobody looks
	what    string
	whole   int64 // in any unit; 0: not known
	started time.Time
	shown   string
}

func newProgress(w io.Writer, what string, whole int64) *progress {
	p := &progress{what: what, whole: whole, started: time.Now()}
	if f, ok := w.(*os.File); ok && isTerminal(f) {
		p.w = w
	}
	return p
}

// at says how much is done. It may be called often.
func (p *progress) at(done int64) {
	if p.w == nil {
		return
	}
	elapsed := time.Since(p.started)
	if elapsed < patience {
		return
	}
	text := fmt.Sprintf("%s: %s", p.what, elapsed.Round(time.Second))
	if p.whole > 0 {
		text = fmt.Sprintf("%s: %d %%", p.what, min(100, 100*done/p.whole))
	}
	if text != p.shown {
		p.shown = text
		fmt.Fprint(p.w, "\r\033[K"+text)
	}
}

// done takes the line away.
func (p *progress) done() {
	if p.shown != "" {
		fmt.Fprint(p.w, "\r\033[K")
	}
}

// reader counts what is read through it as what is done, after done so far.
func (p *progress) reader(r io.Reader, done int64) io.Reader {
	return &progressReader{from: r, to: p, done: done}
}

type progressReader struct {
	from io.Reader
	to   *progress
	done int64
}

func (r *progressReader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.done += int64(n)
	r.to.at(r.done)
	return n, err
}

// ticking shows how long a job without stations takes, until the returned
// function is called.
func (p *progress) ticking() (stop func()) {
	if p.w == nil {
		return func() {}
	}
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(patience)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				p.at(0)
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
		p.done()
	}
}

// sizeOf is how many bytes a file has; 0 when that is not known, as of a pipe.
func sizeOf(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0
	}
	return info.Size()
}
