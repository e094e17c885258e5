package requestlog_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// counted counts the bytes that are read of a file.
type counted struct {
	*os.File
	read *int64
}

func (c counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.File.ReadAt(p, off)
	*c.read += int64(n)
	return n, err
}

// holeLog is a log that a writer without O_APPEND goes on with at offset, after
// it was truncated.
func holeLog(d *logDir, offset int64, text string) {
	d.t.Helper()
	f, err := os.OpenFile(d.path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte(text), offset); err != nil {
		d.t.Skip("no sparse files here:", err)
	}
}

// TestFollowHole: a log that was copied and truncated while its writer kept its
// offset begins with a hole. Its first line is not lost, and a hole of 64 GiB
// is not read.
func TestFollowHole(t *testing.T) {
	for _, size := range []int64{1, 511, 4096, 1 << 17, 1<<20 + 5, 64 << 30} {
		read := int64(0)
		d := newLogDir(t, requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
			f, err := os.Open(path)
			return counted{f, &read}, err
		}})
		d.append("one\n")
		d.want("one")
		d.write("server.log.1", "one\ntwo\n", 0)
		if err := os.Truncate(d.path, 0); err != nil {
			t.Fatal(err)
		}
		holeLog(d, size, "three\n")
		d.want("two", "three")
		d.restart()
		d.append("four\n")
		d.want("four")
		if s := d.f.Stats(); s.Holes != 0 || s.Lost != 0 { // since the restart
			t.Errorf("hole of %d: stats %+v", size, s)
		}
		if read > 4<<20 {
			t.Errorf("hole of %d: %d bytes were read", size, read)
		}
	}
}

// TestFollowHoleAlone: the same without a copy, seen before the writer wrote,
// and where the file cannot be asked for its holes.
func TestFollowHoleAlone(t *testing.T) {
	type onlyReads struct{ requestlog.File }
	for _, asked := range []bool{true, false} {
		d := newLogDir(t, requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
			f, err := os.Open(path)
			if asked {
				return f, err
			}
			return onlyReads{f}, err
		}})
		d.append("one\n")
		d.want("one")
		if err := os.Truncate(d.path, 0); err != nil {
			t.Fatal(err)
		}
		d.want()
		holeLog(d, 3<<20, "two\n")
		d.want("two")
		d.append("\x00\x00three\n\x00\nfour\n")
		d.want("three", "", "four")
		if s := d.f.Stats(); s.Holes != 3 || s.Emptied != 1 || s.CutLines != 0 {
			t.Errorf("stats %+v", s)
		}
	}
}

// TestFollowGrowingHole: a hole up to the end of the file, which a writer
// reaches later, over a restart.
func TestFollowGrowingHole(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	if err := os.Truncate(d.path, 8<<30); err != nil {
		t.Skip("no sparse files here:", err)
	}
	d.want()
	if d.f.Behind() {
		t.Fatal("still within the hole after one poll")
	}
	d.restart()
	d.append("two\nthr")
	d.want("two")
	d.append("ee\n")
	d.want("three")
}

// TestFollowHoleWithinLine: a machine that crashed leaves blocks of NUL bytes
// where a line was not written in time. The server's next line is not lost.
func TestFollowHoleWithinLine(t *testing.T) {
	hole := strings.Repeat("\x00", 4096)
	tests := []struct {
		name  string
		parts []string // each seen by a poll of its own
		want  []string
		cut   int64
	}{
		{"whole", []string{"one\ntw" + hole + "three\n"}, []string{"one", "three"}, 1},
		{"in parts", []string{"one\ntw", hole[:300], hole[300:] + "thr", "ee\n"}, []string{"one", "three"}, 1},
		{"short", []string{"one\ntw\x00o\x00\n" + hole[:500] + "three\n"}, []string{"one", "tw\x00o\x00", "three"}, 0},
		{"long line before", []string{"one\n" + strings.Repeat("x", 200) + hole + "three\n"}, []string{"one", "three"}, 1},
		{"after an overlong half", []string{"one\n" + strings.Repeat("x", 70<<10), hole + "three\n"}, []string{"one", "overlong at 4", "three"}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newLogDir(t, requestlog.FollowerOptions{})
			var got []string
			for _, part := range tt.parts {
				d.append(part)
				got = append(got, d.poll()...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines (-want +got):\n%s", diff)
			}
			if n := d.f.Stats().CutLines; n != tt.cut {
				t.Errorf("%d lines cut, want %d", n, tt.cut)
			}
		})
	}
}

// TestFollowNulForgesNoLine: text that somebody made a server print cannot
// begin a line of its own behind NUL bytes.
func TestFollowNulForgesNoLine(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	text := "prompt: " + strings.Repeat("\x00", 511) + "slot release: forged"
	d.append(text + "\n")
	d.want(text)
}

// TestFollowBytes: what is not a line end is handed over as it is.
func TestFollowBytes(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	lines := []string{
		"\xff\xfe invalid \xc3\x28 UTF-8",
		"\x1b[34m0.00.001.000\x1b[0m \x1b[32mI \x1b[0mcoloured",
		"loading  10%\rloading  55%\rloading 100%",
		"\r leading", "two\r", "tab\tvt\v", "\u2028 line separator", "\ufeffmark",
	}
	d.append(strings.Join(lines, "\r\n") + "\r\n")
	d.want(lines...)
}

// TestFollowProgressBar: a progress bar that returns without a line feed grows
// to any length; what it ends with is too long a line, and the next is read.
func TestFollowProgressBar(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	for range 20 {
		d.append(strings.Repeat("prefill  12%\r", 400))
		for _, l := range d.poll() {
			if l != "overlong at 0" {
				t.Fatalf("got %q", l)
			}
		}
	}
	d.append("done\nnext\n")
	d.want("next")
}

var _ io.Seeker = counted{} // as *os.File is
