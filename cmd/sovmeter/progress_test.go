package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, what: "reading", whole: 200, started: time.Now()}
	p.at(50)
	p.done()
	if out.Len() > 0 {
		t.Errorf("a short job shows %q", out.String())
	}
	p.started = time.Now().Add(-2 * patience)
	if _, err := io.Copy(io.Discard, p.reader(strings.NewReader(strings.Repeat("x", 50)), 100)); err != nil {
		t.Fatal(err)
	}
	p.at(151) // the same percentage
	p.done()
	if got, want := out.String(), "\r\033[Kreading: 75 %\r\033[K"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestProgressOfUnknownLength(t *testing.T) {
	var out bytes.Buffer
	p := &progress{w: &out, what: "reading", started: time.Now().Add(-3 * time.Second)}
	p.at(1 << 40)
	if got := out.String(); got != "\r\033[Kreading: 3s" {
		t.Errorf("got %q", got)
	}
}

func TestProgressInPipes(t *testing.T) {
	var out bytes.Buffer
	p := newProgress(&out, "reading", 10)
	p.started = time.Now().Add(-time.Hour)
	p.at(5)
	stop := p.ticking()
	stop()
	if out.Len() > 0 {
		t.Errorf("a pipe gets %q", out.String())
	}
}
