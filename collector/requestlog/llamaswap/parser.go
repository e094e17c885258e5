package llamaswap

import (
	"fmt"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Parser reads the access lines of one llama-swap. It implements
// requestlog.Parser.
type Parser struct {
	opt      requestlog.Options
	latest   time.Time
	requests []attribution.Request
}

// New returns a parser.
func New(opt requestlog.Options) *Parser { return &Parser{opt: opt} }

// SpeaksAtEnd is true: a line is written when its request has ended.
func (p *Parser) SpeaksAtEnd() bool { return true }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	a, found, ok := readAccess(l.Data)
	switch {
	case !found:
		return requestlog.Ignored
	case !ok:
		return requestlog.Malformed
	case a.method != "POST" || refused(a.status):
		return requestlog.Ignored
	}
	when, ok := stampOf(a.stamp, p.opt.Zone)
	if !ok {
		return requestlog.Ignored
	}
	model, path := upstream(string(a.path))
	if !works(path) {
		return requestlog.Ignored
	}
	if p.opt.Model != "" {
		model = p.opt.Model
	}
	r := attribution.Request{
		Server: p.opt.Server, Model: model, Outcome: outcome(a.status), Position: l.Offset,
		ID: p.opt.Server + "/" + strconv.FormatInt(l.Offset, 10) + "/" + strconv.FormatInt(int64(a.took), 10),
	}
	if at, off, ok := when.written(l); ok {
		r.Start, r.End, r.Uncertainty = at.Add(-a.took), at, off
		if at.After(p.latest) {
			p.latest = at
		}
	}
	p.requests = append(p.requests, r)
	return requestlog.Used
}

// Take hands over the requests of the lines since the last Take.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.requests, Latest: p.latest}
	p.requests = nil
	return f
}

type state struct {
	Version int   `cbor:"1,keyasint"`
	Latest  int64 `cbor:"2,keyasint"` // Unix ns; 0: none
}

// stateVersion changes with every change of the state's meaning.
const stateVersion = 1

// State returns what the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	s := state{Version: stateVersion}
	if !p.latest.IsZero() {
		s.Latest = p.latest.UnixNano()
	}
	return cbor.Marshal(s)
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var s state
	if err := cbor.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return fmt.Errorf("restore llama-swap parser: %w", requestlog.ErrCheckpoint)
	}
	*p = Parser{opt: p.opt}
	if s.Latest != 0 {
		p.latest = time.Unix(0, s.Latest).UTC()
	}
	return nil
}
