package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// FormatName is the format's name on the command line and in the config.
const FormatName = "jsonl"

// Parser reads the interchange log. It implements requestlog.Parser.
type Parser struct {
	opt      requestlog.Options
	hosts    []string  // opt.Hosts in lower case
	latest   time.Time // end of the latest request
	requests []attribution.Request
	remote   []attribution.RemoteCall
}

// New returns a parser.
func New(opt requestlog.Options) *Parser {
	p := &Parser{opt: opt}
	for _, h := range opt.Hosts {
		p.hosts = append(p.hosts, strings.ToLower(strings.TrimSuffix(h, ".")))
	}
	return p
}

// Format returns the format, for requestlog.Choose.
func Format() requestlog.Format {
	return requestlog.Format{
		Name:   FormatName,
		Detect: Detect,
		New:    func(opt requestlog.Options) requestlog.Parser { return New(opt) },
	}
}

// Detect returns how many of the sample's lines are of this format.
func Detect(sample [][]byte) int {
	n := 0
	for _, line := range sample {
		if !looksLike(line) {
			continue
		}
		if _, err := Decode(line); err == nil {
			n++
		}
	}
	return n
}

// SpeaksAtEnd is true: there is one line a request, written when it has ended.
func (p *Parser) SpeaksAtEnd() bool { return true }

// Parse takes the next line.
func (p *Parser) Parse(l requestlog.Line) requestlog.Verdict {
	if len(bytes.TrimSpace(l.Data)) == 0 {
		return requestlog.Ignored
	}
	rec, err := decode(l.Data, p.opt.NoCache, p.hosts)
	switch {
	case errors.Is(err, ErrNotRequest):
		return requestlog.Ignored
	case err != nil:
		return requestlog.Malformed
	case rec.Remote != nil:
		p.call(*rec.Remote, l.Offset)
	default:
		p.request(rec.Request, l.Offset)
	}
	return requestlog.Used
}

func (p *Parser) request(r attribution.Request, at int64) {
	if p.opt.Model != "" {
		r.Model = p.opt.Model
	}
	r.ID, r.Server = p.name(r.ID, r.Server, r.End, at)
	r.Position = at
	p.requests = append(p.requests, r)
}

// call takes a call that was served elsewhere. The configured model is what
// runs here, and not what answered it.
func (p *Parser) call(c attribution.RemoteCall, at int64) {
	c.ID, c.Server = p.name(c.ID, c.Server, c.End, at)
	c.Position = at
	p.remote = append(p.remote, c)
}

// name returns the id and server that a line's request gets. Writers number
// their requests as they like, and begin anew when they start: ids are told
// apart by server and end. One that begins with the server's name was read
// before and is kept.
func (p *Parser) name(id, server string, end time.Time, at int64) (string, string) {
	if end.After(p.latest) {
		p.latest = end
	}
	if p.opt.Server != "" {
		server = p.opt.Server
	}
	ended := "/" + strconv.FormatInt(end.UnixMilli(), 10)
	switch {
	case id == "":
		id = server + ended + "/" + strconv.FormatInt(at, 10)
	case !strings.HasPrefix(id, server+"/"):
		id = server + "/" + id + ended
	}
	return id, server
}

// Take hands over the requests of the lines since the last Take.
func (p *Parser) Take() requestlog.Facts {
	f := requestlog.Facts{Requests: p.requests, Remote: p.remote, Latest: p.latest}
	p.requests, p.remote = nil, nil
	return f
}

type state struct {
	Version int   `cbor:"1,keyasint"`
	Latest  int64 `cbor:"2,keyasint"` // Unix ns; 0: none
}

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
		return fmt.Errorf("restore jsonl parser: %w", requestlog.ErrCheckpoint)
	}
	*p = Parser{opt: p.opt, hosts: p.hosts}
	if s.Latest != 0 {
		p.latest = time.Unix(0, s.Latest).UTC()
	}
	return nil
}
