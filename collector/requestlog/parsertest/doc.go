// Package parsertest is the contract of a request log's format as tests. Every
// format is held to it by the tests of its package:
//
//	func contract() parsertest.Contract {
//		return parsertest.Contract{
//			Format: vllm.Format(), Options: requestlog.Options{Server: "s"}, Begin: base, MostState: 1 << 18,
//		}
//	}
//
//	func FuzzParser(f *testing.F) {
//		f.Add(log, uint8(3))
//		f.Fuzz(func(t *testing.T, data []byte, cut uint8) {
//			contract().Agree(t, parsertest.Mixed(data, base), int(cut))
//		})
//	}
//
// What every format must keep: a parser that goes on after a restart tells what
// one tells that was never stopped ([Contract.Agree], [Contract.RestartAnywhere]);
// no request is one that cannot be, and the memory is bounded (Agree,
// [Contract.Bounded]); no checkpoint brings a parser down ([Contract.FuzzRestore]);
// no text of a log but model ids leaves a parser or a Source ([Contract.Told],
// [Contract.Shown], [Hidden]); a log is told by its lines and no other format's
// are taken for it ([Contract.Foreign]). Logs with their expected requests beside
// them are read by [Timed] and compared by [Contract.Golden].
//
// What a log's lines mean, and what can be forged in them, is for the format's
// own tests.
package parsertest

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Contract is a format under test.
type Contract struct {
	Format  requestlog.Format
	Options requestlog.Options // of every parser that is made
	// Begin is when the lines of a test begin to arrive; zero: nothing is known
	// of any line's arrival.
	Begin time.Time
	// Endless is set for a log that may tell of a request's start and not its end.
	Endless bool
	// MostState bounds what a parser may keep of a log, whatever is in it, in
	// bytes of its state. Zero allows nothing.
	MostState int
}

// New returns a new parser.
func (c Contract) New() requestlog.Parser { return c.Format.New(c.Options) }

// Restarted returns a new parser that goes on where p is.
func (c Contract) Restarted(t testing.TB, p requestlog.Parser) requestlog.Parser {
	t.Helper()
	q := c.New()
	if err := q.Restore(stateOf(t, p)); err != nil {
		t.Fatal(err)
	}
	return q
}

// Parse gives the lines to a new parser and returns all that it told, and what
// became of each line.
func (c Contract) Parse(lines []requestlog.Line) (requestlog.Facts, []requestlog.Verdict) {
	var all requestlog.Facts
	var verdicts []requestlog.Verdict
	p := c.New()
	for _, l := range lines {
		verdicts = append(verdicts, p.Parse(l))
		add(&all, p.Take())
	}
	return all, verdicts
}

func stateOf(t testing.TB, p requestlog.Parser) []byte {
	t.Helper()
	state, err := p.State()
	if err != nil {
		t.Fatal(err)
	}
	return state
}
