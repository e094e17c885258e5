package ollama

import (
	"encoding/binary"
	"hash/fnv"
	"strconv"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// run is one life of the Ollama server.
type run struct {
	Key string `cbor:"1,keyasint"` // set by its first line, or its first request
	// Zone is the offset from UTC, in seconds, of its lines.
	Zone      int  `cbor:"2,keyasint"`
	ZoneKnown bool `cbor:"3,keyasint"`
	// Stamp is the latest time that a line gave, as it gave it, Unix ns.
	Stamp int64 `cbor:"4,keyasint"`
}

// setKey names the run, so that ids are unique over restarts. The name follows
// from the log alone, so reading the log again gives the same ids. A log whose
// beginning is missing is named by the first request in it.
func (r *run) setKey(l requestlog.Line) {
	if r.Key != "" {
		return
	}
	h := fnv.New64a()
	for _, n := range []int64{l.Offset, r.Stamp} {
		binary.Write(h, binary.BigEndian, n) //nolint:errcheck // a hash never fails
	}
	r.Key = strconv.FormatUint(h.Sum64()>>16, 16)
}

// begin ends the present run and begins another with line l.
func (p *Parser) begin(l requestlog.Line) {
	for len(p.runners) > 0 {
		p.drop(0)
	}
	for len(p.strays) > 0 {
		p.end(p.strays[0].Table.Drop(0, p.last, p.lastLine), p.common(p.strays[0].Ports))
		p.strays = p.strays[1:]
	}
	p.flush()
	*p = Parser{
		opt: p.opt, blurred: map[int64]bool{}, told: p.told, latest: p.latest,
		requests: p.requests, loads: p.loads, remote: p.remote, scratch: p.scratch,
		run: run{Zone: p.run.Zone, ZoneKnown: p.run.ZoneKnown, Stamp: p.run.Stamp},
	}
	p.run.setKey(l)
}
