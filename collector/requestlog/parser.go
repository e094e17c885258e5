package requestlog

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Parser turns the lines of one server's log into facts. It keeps numbers,
// times and model ids, nothing else, and its memory is bounded.
type Parser interface {
	// Parse takes the next line of the log.
	Parse(l Line) Verdict
	// Take hands over what became complete since the last Take, and what is
	// under way now.
	Take() Facts
	// State returns all that the parser needs to go on after a restart, but
	// for what the next Take would hand over. It holds no text but model ids.
	State() ([]byte, error)
	// Restore puts a new parser where State was taken.
	Restore(state []byte) error
	// SpeaksAtEnd is true for formats that mention a request only once it has
	// ended; see the package comment on horizons.
	SpeaksAtEnd() bool
}

// Facts is what a parser has found. The first three lists are handed over once;
// the others are the present state.
type Facts struct {
	Requests []attribution.Request
	Loads    []attribution.ModelLoad
	Remote   []attribution.RemoteCall
	InFlight []attribution.Request
	Loading  []attribution.ModelLoad
	// Latest is the wall time of the last line that told a time; zero when no
	// line did.
	Latest time.Time
	// Waiting counts completed requests that are held back until a line with a
	// known arrival says when they were. While there are any, a checkpoint must
	// not move on.
	Waiting int
}

// Format is one log format by name.
type Format struct {
	Name string
	// Detect returns how many of the sample's lines have the format's shape.
	Detect func(sample [][]byte) int
	// Files lists the logs in a folder, oldest first, for servers that begin a
	// new file by date; nil: the log is one file.
	Files func(folder string) ([]string, error)
	// New returns a parser of one server's log from its beginning.
	New func(Options) Parser
}

// Options says what a log does not. A format uses what it has need of.
type Options struct {
	Server string // the configured server name
	Model  string // overrides the model id in the log when not empty
	// Zone is that of local times without an offset; nil means UTC.
	Zone *time.Location
	// ProcessStart is when the process of the log's first run began, for stamps
	// that count from there. It is for reading an old log; leave it zero where
	// lines have arrival times.
	ProcessStart time.Time
	// NoCache takes a prompt of which the cached part is not told as prefilled
	// whole. It is for writers that have no prompt cache, or leave out zeros.
	NoCache bool
	// ModelName returns the name of the model with a digest, 64 hexadecimal
	// digits, or "". nil knows no names.
	ModelName func(digest string) string
	// Hosts are names and addresses of this machine besides those that every
	// machine has, such as mac.local.
	Hosts []string
	// Elsewhere are the ports on this machine whose servers are metered by logs
	// of their own: a gateway's calls to them are not its requests.
	Elsewhere []int
}

// Choose returns the format that recognises most of the sample's lines, the
// first in the list among equals. It is false when none recognises any.
func Choose(formats []Format, sample [][]byte) (Format, bool) {
	best, most := Format{}, 0
	for _, f := range formats {
		if n := f.Detect(sample); n > most {
			best, most = f, n
		}
	}
	return best, most > 0
}
