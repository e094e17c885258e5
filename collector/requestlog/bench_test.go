package requestlog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

func followed(b *testing.B, opt requestlog.FollowerOptions, path string) *requestlog.Follower {
	b.Helper()
	f := requestlog.NewFollower(path, opt)
	b.Cleanup(func() { f.Close() })
	if err := f.Poll(time.Now(), func(requestlog.Line) {}); err != nil {
		b.Fatal(err)
	}
	return f
}

func pollIdle(b *testing.B, f *requestlog.Follower) {
	b.Helper()
	b.ReportAllocs()
	now := time.Now()
	for b.Loop() {
		if err := f.Poll(now, func(requestlog.Line) { b.Fatal("a line") }); err != nil {
			b.Fatal(err)
		}
	}
}

func logOf(b *testing.B, data []byte) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "server.log")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkPollIdle measures a poll that finds nothing new: what a second of a
// quiet server costs.
func BenchmarkPollIdle(b *testing.B) {
	pollIdle(b, followed(b, requestlog.FollowerOptions{}, logOf(b, []byte("one\n"))))
}

// BenchmarkPollIdleRenamed measures it for a log that newsyslog renamed and its
// writer still has open, so that every poll looks for a new one.
func BenchmarkPollIdleRenamed(b *testing.B) {
	path := logOf(b, []byte("one\n"))
	f := followed(b, requestlog.FollowerOptions{}, path)
	if err := os.Rename(path, path+".0"); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	pollIdle(b, f)
}

// BenchmarkPollIdleSequence measures it for a log of 100 files.
func BenchmarkPollIdleSequence(b *testing.B) {
	dir := filepath.Dir(logOf(b, []byte("one\n")))
	paths := make([]string, 100)
	for i := range paths {
		paths[i] = filepath.Join(dir, "server.log")
		if i < len(paths)-1 {
			paths[i] += string(rune('A' + i))
		}
	}
	opt := requestlog.FollowerOptions{Files: func() ([]string, error) { return paths, nil }}
	pollIdle(b, followed(b, opt, dir))
}

// BenchmarkRead measures the Follower alone: reading, splitting, checking.
func BenchmarkRead(b *testing.B) {
	line := append(bytes.Repeat([]byte("x"), 99), '\n')
	data := bytes.Repeat(line, 200_000)
	path := logOf(b, data)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	lines := 0
	for b.Loop() {
		f := requestlog.NewFollower(path, requestlog.FollowerOptions{MaxRead: 1 << 40})
		if err := f.Poll(time.Now(), func(requestlog.Line) { lines++ }); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
	b.ReportMetric(float64(lines)/b.Elapsed().Seconds(), "lines/s")
}
