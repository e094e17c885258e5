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
// is right for a live log in one file.
type FollowerOptions struct {
	MaxLine int   // longest line handed over, in bytes; 0 means DefaultMaxLine
	MaxRead int64 // most bytes read in one poll; 0 means DefaultMaxRead
	// NoModTime makes arrivals the times of the polls alone. It is for logs
	// whose file times are not the log's, such as a simulated server's.
	NoModTime bool
	// Files returns the paths of a log that is a sequence of files, such as one
	// a day, oldest first; see the package comment. It is called in every poll.
	// nil means one file, the Follower's path, and its rotations.
	Files func() ([]string, error)
	// Since makes a new Follower of a sequence begin at the first file that was
	// modified then or later, or at the newest where there is none. Zero means
	// the oldest file.
	Since time.Time
	Open  func(path string) (File, error)        // nil means os.Open
	Stat  func(path string) (fs.FileInfo, error) // nil means os.Stat
}

// FollowerStats counts what happened to the file since the Follower was made.
// Truncations and Rewrites less Emptied is how often reading went on in a copy:
// what the writer adds between the making of the copy and the truncation is in
// neither, and nothing can tell how much that was.
type FollowerStats struct {
	Rotations   int64 // went on in a new file
	Truncations int64 // the file became shorter than what was read
	Rewrites    int64 // the file's content changed under the reading position
	Emptied     int64 // of these two, how often no copy was found: what was written since the last poll may be lost
	// Lost counts rotated files that could not be read: not found after a
	// restart, compressed before they were read, or closed to us. Their unread
	// rest, if there was any, is lost.
	Lost     int64
	CutLines int64 // lines that a file or a hole in it cut short; they were dropped
	Holes    int64 // runs of NUL bytes that were skipped
}

// Follower reads the lines that are appended to a file. It is not safe for
// concurrent use.
type Follower struct {
	path string
	opt  FollowerOptions

	file   *opened // nil before the first open
	isHome bool    // the open file is the one that its name leads to

	first   []byte // the file's first bytes, at most headBytes, as they were read
	start   int64  // file offset of buf[kept]
	buf     []byte // of the file: kept handled bytes, then at most one half line between polls
	kept    int
	scratch []byte // to read again what buf and first hold

	skipping bool      // within an overlong line
	inHole   bool      // the byte before start is a NUL that was skipped
	modified time.Time // of the file, when it was last read
	marked   Position  // in the open file, as it was last asked for; zero: not yet

	done   []place         // the last files that were read and left, oldest first
	passed map[string]bool // of a sequence: the files that are read, or were never to be

	now    time.Time // of this poll
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
	return &Follower{
		path: path, opt: opt,
		first:   make([]byte, 0, headBytes),
		buf:     make([]byte, 0, tailBytes+opt.MaxLine+chunk),
		scratch: make([]byte, headBytes),
	}
}

// Resume makes a new Follower go on at p.
func (f *Follower) Resume(p Position) {
	f.resume = &p
	f.done = p.Done
	if p.AtEnd != 0 {
		f.atEnd = time.Unix(0, p.AtEnd).UTC()
	}
}

// Behind is true when the last poll stopped with more to read: poll again at
// once.
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
	p := Position{place: f.placeAt(f.kept), Skipping: f.skipping, Done: f.done}
	p.Before = f.before(p.place)
	f.marked = p
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
	f.behind, f.now = false, now
	if f.file == nil {
		if err := f.openFirst(); err != nil || f.file == nil {
			f.behind = err == nil
			return err
		}
	}
	left := f.opt.MaxRead
	end, err := f.follow(&left, take)
	if err != nil {
		if left < f.opt.MaxRead {
			return nil // lines were handed over; the next poll meets the error again
		}
		return err
	}
	if end {
		f.atEnd = now
	}
	f.behind = !end
	return nil
}

// follow reads file after file until nothing is left, which it reports, or
// left is used up, or names move too fast to say what comes next.
func (f *Follower) follow(left *int64, take func(Line)) (bool, error) {
	for *left > 0 {
		restarted, err := f.drain(left, take)
		if err != nil || *left <= 0 {
			return false, err
		}
		if restarted {
			continue
		}
		next, settled, err := f.successor()
		if err != nil || next == nil {
			return settled, err
		}
		if f.isCopy(next) { // saved anew, under the same name or another
			f.moveTo(next)
			continue
		}
		// The writer has gone on to the next file, so what the old one holds
		// now is all it ever will.
		restarted, err = f.drain(left, take)
		if err != nil || *left <= 0 || restarted {
			next.Close() //nolint:errcheck // read only
			if restarted && err == nil {
				continue
			}
			return false, err
		}
		f.switchTo(next)
	}
	return false, nil
}

// home is the name under which the open file is renewed.
func (f *Follower) home() string {
	if f.opt.Files != nil {
		return f.file.path
	}
	return f.path
}
