package requestlog

import (
	"io/fs"
	"os"
	"time"
)

// The defaults of FollowerOptions.
const (
	DefaultMaxLine = 64 << 10
	DefaultMaxRead = 16 << 20
)

// chunk is how much is read at once, beside what is left of the last line.
const chunk = 128 << 10

// FollowerOptions sets limits and, for tests, the file system. The zero value
// is right for a live log.
type FollowerOptions struct {
	MaxLine int   // longest line handed over, in bytes; 0 means DefaultMaxLine
	MaxRead int64 // most bytes read in one poll; 0 means DefaultMaxRead
	// NoModTime makes arrivals the times of the polls alone. It is for logs
	// whose file times are not the log's, such as a simulated server's.
	NoModTime bool
	Open      func(path string) (File, error)        // nil means os.Open
	Stat      func(path string) (fs.FileInfo, error) // nil means os.Stat
}

// FollowerStats counts what happened to the file since the Follower was made.
type FollowerStats struct {
	Rotations   int64 // went on in a new file
	Truncations int64 // the file became shorter than what was read
	Rewrites    int64 // the file's content changed under the reading position
	Emptied     int64 // of these two, how often no copy was found: what was written since the last poll is lost
	Lost        int64 // a rotated file could not be found after a restart: its unread rest is lost
	CutLines    int64 // a rotated file ended within a line; the half line was dropped
}

// Follower reads the lines that are appended to a file. It is not safe for
// concurrent use.
type Follower struct {
	path string
	opt  FollowerOptions

	file   File        // nil before the first open
	info   fs.FileInfo // of file, when it was opened
	head   fingerprint // of file; grows with it up to headBytes
	isPath bool        // file was opened as path, not as a rotated predecessor
	older  []string    // rotated files still to be read before path

	start    int64       // file offset of buf[0]
	buf      []byte      // read and not handed over: at most one half line between polls
	skipping bool        // within an overlong line
	tail     fingerprint // of the bytes before start+len(buf)
	size     int64       // of file, when last examined
	modified time.Time

	atEnd  time.Time // the last poll that left nothing unread; zero: none did
	behind bool
	resume *Position
	stats  FollowerStats
}

// NewFollower returns a Follower of the file at path. Nothing is opened yet.
func NewFollower(path string, opt FollowerOptions) *Follower {
	if opt.MaxLine <= 0 {
		opt.MaxLine = DefaultMaxLine
	}
	if opt.MaxRead <= 0 {
		opt.MaxRead = DefaultMaxRead
	}
	if opt.Open == nil {
		opt.Open = openRegular
	}
	if opt.Stat == nil {
		opt.Stat = os.Stat
	}
	return &Follower{path: path, opt: opt, buf: make([]byte, 0, opt.MaxLine+chunk)}
}

// Resume makes a new Follower go on at p.
func (f *Follower) Resume(p Position) {
	f.resume = &p
	if p.AtEnd != 0 {
		f.atEnd = time.Unix(0, p.AtEnd).UTC()
	}
}

// Behind is true when the last poll stopped at its limit with more to read:
// poll again at once.
func (f *Follower) Behind() bool { return f.behind }

// AtEnd is the time of the last poll that left nothing unread; zero when none
// did. It outlives a restart.
func (f *Follower) AtEnd() time.Time { return f.atEnd }

// Stats returns the counts so far.
func (f *Follower) Stats() FollowerStats { return f.stats }

// Close closes the file.
func (f *Follower) Close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

// Position returns where the Follower stands. It is false before the first
// successful poll of a Follower that was not resumed.
func (f *Follower) Position() (Position, bool) {
	if f.file == nil {
		if f.resume == nil {
			return Position{}, false
		}
		return *f.resume, true
	}
	f.growHead()
	p := Position{Head: f.head, Offset: f.start, Tail: tailOf(f.file, f.start), Skipping: f.skipping}
	p.Device, p.Inode = inode(f.info)
	if !f.atEnd.IsZero() {
		p.AtEnd = f.atEnd.UnixNano()
	}
	return p, true
}

// Poll hands over every line that is complete by now, in order. It reads a
// bounded number of bytes; see Behind. An error means that nothing could be
// read this time; no line is handed over with it. A log that is there but
// cannot be renewed (its path is gone or closed to us) is followed as long as
// the open file gives lines.
func (f *Follower) Poll(now time.Time, take func(Line)) error {
	f.behind = false
	if f.file == nil {
		if err := f.openFirst(); err != nil {
			return err
		}
	}
	left := f.opt.MaxRead
	err := f.follow(now, &left, take)
	if err != nil && left < f.opt.MaxRead {
		return nil // lines were handed over; the next poll meets the error again
	}
	f.behind = err == nil && left <= 0
	return err
}

// follow reads file after file until nothing is left, or left is used up.
func (f *Follower) follow(now time.Time, left *int64, take func(Line)) error {
	for *left > 0 {
		if err := f.examine(); err != nil {
			return err
		}
		if err := f.drain(now, left, take); err != nil || *left <= 0 {
			return err
		}
		next, err := f.successor()
		if err != nil {
			return err
		}
		if next == nil {
			f.atEnd = now
			return nil
		}
		if next.isPath && f.isCopy(next) { // saved anew under the same name
			f.moveTo(next)
			continue
		}
		// The writer has gone on to the next file, so what the old one holds
		// now is all it ever will.
		if err := f.drain(now, left, take); err != nil || *left <= 0 {
			next.Close() //nolint:errcheck // read only
			return err
		}
		f.switchTo(next)
	}
	return nil
}
