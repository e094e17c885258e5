package requestlog_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// TestFollowCompressed: what a compressed rotation holds is not read, which is
// counted, whatever packed it.
func TestFollowCompressed(t *testing.T) {
	for _, ext := range []string{".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z"} {
		t.Run(ext, func(t *testing.T) {
			d := newLogDir(t, requestlog.FollowerOptions{})
			d.append("one\n")
			d.want("one")
			d.age("server.log", 3)
			pos, _ := d.f.Position()
			d.f.Close()
			pos.AtEnd = d.modTime("server.log")
			d.rename("server.log", "server.log.2"+ext) // the log itself, packed
			d.write("server.log.2"+ext, "packed", os.O_TRUNC)
			d.write("server.log.1"+ext, "packed", 0) // a whole file after it
			d.append("four\n")
			d.follow()
			d.f.Resume(pos)
			d.want("four")
			if n := d.f.Stats().Lost; n != 2 {
				t.Errorf("lost %d files, want 2", n)
			}
		})
	}
}

// TestFollowCompressedAtOnce: the rotated log is packed while it is still open
// here. Its end is read all the same, and nothing is lost.
func TestFollowCompressedAtOnce(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.append("two\n")
	d.age("server.log", 2)
	d.write("server.log.1.gz", "packed", 0)
	if err := os.Remove(d.path); err != nil {
		t.Fatal(err)
	}
	d.append("three\n")
	d.want("two", "three")
	if n := d.f.Stats().Lost; n != 0 {
		t.Errorf("lost %d files, want none", n)
	}
}

// TestFollowCompressedBetween: of two rotations between two polls the second is
// packed already.
func TestFollowCompressedBetween(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{})
	d.append("one\n")
	d.want("one")
	d.age("server.log", 2)
	d.write("server.log.3.gz", "packed long ago", 0)
	d.age("server.log.3.gz", 9)
	d.rename("server.log", "server.log.2")
	d.write("server.log.1.gz", "packed", 0)
	d.append("four\n")
	d.want("four")
	d.append("five\n")
	d.rename("server.log", "server.log.1")
	d.append("six\n")
	d.want("five", "six")
	if n := d.f.Stats().Lost; n != 1 {
		t.Errorf("lost %d files, want 1", n)
	}
}

// TestFollowClosedRotation: a rotation that may not be read is counted as lost.
func TestFollowClosedRotation(t *testing.T) {
	d := newLogDir(t, requestlog.FollowerOptions{Open: func(path string) (requestlog.File, error) {
		if filepath.Base(path) == "server.log.1" {
			return nil, os.ErrPermission
		}
		return os.Open(path)
	}})
	d.append("one\n")
	d.want("one")
	d.age("server.log", 2)
	d.rename("server.log", "server.log.2")
	d.write("server.log.1", "closed\n", 0)
	d.append("three\n")
	d.want("three")
	if n := d.f.Stats().Lost; n != 1 {
		t.Errorf("lost %d files, want 1", n)
	}
}
