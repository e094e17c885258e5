package requestlog

import (
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// SettleTime is how long a line may take from the moment it speaks of to the
// file: servers log through a thread of their own. Recorded llama-server runs
// show 7 ms at most, on two busy cores; the rest is reserve, and costs only
// that windows close this much later.
const SettleTime = 2 * time.Second

// aheadMax is how far the clock of a log's writer may be ahead of ours: a line
// cannot tell of an end that is still to come.
const aheadMax = time.Minute

// checkpointVersion changes with every change of the checkpoint's meaning.
const checkpointVersion = 1

// SourceOptions says what to follow.
type SourceOptions struct {
	Path   string // of the log; of the folder for one that is a sequence of files
	Format string // of the parser; a checkpoint of another format is refused
	Parser Parser
	// Since drops requests and loads that ended before it: what an old log
	// tells of the time before metering began. Zero keeps all. A sequence of
	// files is begun where FollowerOptions.Since says, by default at this time.
	Since    time.Time
	Follower FollowerOptions
}

// SourceStats counts what a Source did not hand on.
type SourceStats struct {
	FollowerStats
	Old      int64 // requests that ended before Since
	Unplaced int64 // requests of which nothing tells when they were, or that end in the future
}

// Source is one server's log as the collector sees it. It is not safe for
// concurrent use.
type Source struct {
	opt      SourceOptions
	follower *Follower
	kept     []byte // the last checkpoint that nothing was waiting behind
	stats    SourceStats
}

// NewSource returns a Source that begins at the log's first line.
func NewSource(opt SourceOptions) *Source {
	if opt.Follower.Since.IsZero() {
		opt.Follower.Since = opt.Since
	}
	return &Source{opt: opt, follower: NewFollower(opt.Path, opt.Follower)}
}

// Name returns the log's path.
func (s *Source) Name() string { return s.opt.Path }

// Behind is true when the last Poll stopped at its limit with more to read.
func (s *Source) Behind() bool { return s.follower.Behind() }

// SpeaksAtEnd is true when updates have no horizon because the log mentions a
// request only once it has ended.
func (s *Source) SpeaksAtEnd() bool { return s.opt.Parser.SpeaksAtEnd() }

// Stats returns the counts since the Source was made.
func (s *Source) Stats() SourceStats {
	out := s.stats
	out.FollowerStats = s.follower.Stats()
	return out
}

// Close closes the log.
func (s *Source) Close() error { return s.follower.Close() }

type checkpoint struct {
	Version  int      `cbor:"1,keyasint"`
	Format   string   `cbor:"2,keyasint"`
	Position Position `cbor:"3,keyasint"`
	Parser   []byte   `cbor:"4,keyasint"`
}

// Restore makes a new Source go on where the checkpoint was taken.
func (s *Source) Restore(data []byte) error {
	var c checkpoint
	if err := cbor.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("restore %s: %w", s.opt.Path, ErrCheckpoint)
	}
	if c.Version != checkpointVersion || c.Format != s.opt.Format || c.Position.Offset < 0 {
		return fmt.Errorf("restore %s: version %d, format %q: %w", s.opt.Path, c.Version, c.Format, ErrCheckpoint)
	}
	if err := s.opt.Parser.Restore(c.Parser); err != nil {
		return fmt.Errorf("restore %s: %w", s.opt.Path, err)
	}
	s.follower.Resume(c.Position)
	s.kept = data
	return nil
}

// Poll reads what was appended since the last Poll, now being the present time.
// An error means that the log could not be read this time (see FileError);
// polling again is right. The update's checkpoint is empty until there is
// something worth resuming.
func (s *Source) Poll(now time.Time) (attribution.LogUpdate, error) {
	var lines attribution.LineCounts
	err := s.follower.Poll(now.UTC(), func(l Line) { count(&lines, s.opt.Parser, l) })
	if err != nil {
		return attribution.LogUpdate{}, err
	}
	facts := s.opt.Parser.Take()
	unplaced := s.stats.Unplaced
	u := attribution.LogUpdate{
		Requests: slices.DeleteFunc(facts.Requests, func(r attribution.Request) bool { return !s.wanted(r.End, now) }),
		Loads: slices.DeleteFunc(facts.Loads, func(l attribution.ModelLoad) bool {
			return l.End.IsZero() || l.End.Before(s.opt.Since)
		}),
		Remote:   slices.DeleteFunc(facts.Remote, func(c attribution.RemoteCall) bool { return !s.wanted(c.End, now) }),
		InFlight: facts.InFlight,
		Loading:  facts.Loading,
		Lines:    lines,
	}
	u.Unplaced = s.stats.Unplaced - unplaced
	if facts.Waiting == 0 {
		if err := s.mark(); err != nil {
			return attribution.LogUpdate{}, err
		}
		if end := s.follower.AtEnd(); !end.IsZero() && !s.opt.Parser.SpeaksAtEnd() {
			u.Horizon = end.Add(-SettleTime)
		}
	}
	u.Checkpoint = s.kept
	return u, nil
}

// mark takes a new checkpoint.
func (s *Source) mark() error {
	pos, ok := s.follower.Position()
	if !ok {
		return nil
	}
	state, err := s.opt.Parser.State()
	if err != nil {
		return fmt.Errorf("take checkpoint of %s: %w", s.opt.Path, err)
	}
	data, err := cbor.Marshal(checkpoint{checkpointVersion, s.opt.Format, pos, state})
	if err != nil {
		return fmt.Errorf("take checkpoint of %s: %w", s.opt.Path, err)
	}
	s.kept = data
	return nil
}

// wanted reports whether what ended at end is handed on, and counts it if not.
func (s *Source) wanted(end, now time.Time) bool {
	switch {
	case end.IsZero(), end.After(now.Add(aheadMax)):
		s.stats.Unplaced++
	case end.Before(s.opt.Since):
		s.stats.Old++
	default:
		return true
	}
	return false
}

// count gives a line to the parser and counts what became of it.
func count(n *attribution.LineCounts, p Parser, l Line) {
	if l.Overlong {
		n.Overlong++
		return
	}
	switch p.Parse(l) {
	case Used:
		n.Used++
	case Malformed:
		n.Malformed++
	default:
		n.Ignored++
	}
}
