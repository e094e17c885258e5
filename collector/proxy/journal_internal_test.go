package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

func record(n int) jsonl.Record {
	at := time.Date(2026, 11, 24, 5, 0, n, 0, time.UTC)
	return jsonl.Record{Request: attribution.Request{ID: fmt.Sprint("s/", n), Start: at, End: at, Outcome: attribution.OutcomeOK}}
}

// ids are the ids in a log, in order.
func ids(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range bytes.Lines(data) {
		rec, err := jsonl.Decode(line)
		if err != nil {
			out = append(out, "?")
			continue
		}
		out = append(out, strings.TrimPrefix(rec.Request.ID, "s/"))
	}
	return strings.Join(out, " ")
}

// TestJournalRetries: what cannot be written is kept, said once, and written
// when it can be, in order. The folder is taken away and put back.
func TestJournalRetries(t *testing.T) {
	dir := t.TempDir()
	folder, away := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "log")
	synctest.Test(t, func(t *testing.T) {
		var said bytes.Buffer
		j := newJournal(path, zerolog.New(&said))
		if err := j.open(); err != nil {
			t.Fatal(err)
		}
		j.add(record(1))
		synctest.Wait()
		if err := os.Rename(folder, away); err != nil {
			t.Fatal(err)
		}
		j.add(record(2))
		synctest.Wait()
		j.add(record(3))
		synctest.Wait()
		if written, waiting, lost := j.counts(); written != 1 || waiting != 2 || lost != 0 {
			t.Errorf("%d written, %d waiting, %d lost", written, waiting, lost)
		}
		if err := os.Rename(away, folder); err != nil {
			t.Fatal(err)
		}
		<-time.After(retryEvery) // of the bubble: nothing waits
		synctest.Wait()
		if got := ids(t, path); got != "1 2 3" {
			t.Errorf("in the log: %s", got)
		}
		if err := j.close(); err != nil {
			t.Error(err)
		}
		if n := strings.Count(said.String(), "cannot write"); n != 1 || !strings.Contains(said.String(), "can be written again") {
			t.Errorf("said: %s", said.String())
		}
	})
}

// TestJournalLosesTheNewest: memory is bounded, and what is lost is counted.
func TestJournalLosesTheNewest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(filepath.Join(dir, "log"), zerolog.Nop())
		if err := j.open(); err != nil {
			t.Fatal(err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		for n := range maxWaiting + 10 {
			j.add(record(n))
		}
		if _, waiting, lost := j.counts(); waiting != maxWaiting || lost != 10 {
			t.Errorf("%d waiting, %d lost", waiting, lost)
		}
		err := j.close()
		if !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), fmt.Sprint(maxWaiting+10)) {
			t.Errorf("closed with %v", err)
		}
	})
}

// TestRotation: a log that is renamed or removed is made again, and one that
// was cut off goes on at its beginning. No line is lost or doubled.
func TestRotation(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log")
	l := logFile{path: path}
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	defer l.close()
	write := func(n int) {
		t.Helper()
		line, err := jsonl.Append(nil, record(n))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.write(line); err != nil {
			t.Fatal(err)
		}
	}
	write(1)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	write(2)
	if got := ids(t, path+".1") + ", " + ids(t, path); got != "1, 2" {
		t.Errorf("after rename: %s", got)
	}
	if err := os.Truncate(path, 0); err != nil {
		t.Fatal(err)
	}
	write(3)
	if got := ids(t, path); got != "3" {
		t.Errorf("after truncation: %s", got)
	}
}

// TestTornLine: half a line, as a crash leaves it, costs no other line.
func TestTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte(`{"id":"s/1","sta`), 0o600); err != nil {
		t.Fatal(err)
	}
	l := logFile{path: path}
	if err := l.open(); err != nil {
		t.Fatal(err)
	}
	defer l.close()
	for n := 2; n < 4; n++ {
		line, err := jsonl.Append(nil, record(n))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.write(line); err != nil {
			t.Fatal(err)
		}
	}
	if got := ids(t, path); got != "? 2 3" {
		t.Errorf("in the log: %s", got)
	}
}

// TestWriters: two proxies can share a log.
func TestWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	var group sync.WaitGroup
	for w := range 2 {
		group.Go(func() {
			j := newJournal(path, zerolog.Nop())
			if err := j.open(); err != nil {
				t.Error(err)
				return
			}
			for n := range 500 {
				j.add(record(w*1000 + n))
			}
			if err := j.close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got := strings.Fields(ids(t, path))
	if len(got) != 1000 || strings.Contains(strings.Join(got, " "), "?") {
		t.Errorf("%d lines: %v", len(got), got)
	}
}
