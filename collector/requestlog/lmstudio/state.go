package lmstudio

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// stateVersion changes with every change of the state's meaning.
const stateVersion = 1

// embed is a request for embeddings that has arrived.
type embed struct {
	Sec    int64 `cbor:"1,keyasint"`
	Offset int64 `cbor:"2,keyasint"`
	Begin  mark  `cbor:"3,keyasint"`
	Twice  bool  `cbor:"4,keyasint"` // its arrival was told twice
}

// state is what a Parser remembers from line to line, all of it in a checkpoint.
type state struct {
	Version int     `cbor:"1,keyasint"`
	Clock   clock   `cbor:"2,keyasint"`
	Now     mark    `cbor:"3,keyasint"` // of the present entry
	Section section `cbor:"4,keyasint"`
	Seq     int64   `cbor:"5,keyasint"` // counts requests and works as they begin

	Open   []open   `cbor:"6,keyasint"` // in order of their beginnings
	Works  []work   `cbor:"7,keyasint"` // in order of theirs
	Slots  table    `cbor:"8,keyasint"`
	Embeds []embed  `cbor:"9,keyasint"`
	Load   *load    `cbor:"10,keyasint"`
	Body   *pending `cbor:"11,keyasint"` // the response that is being read

	Heading heading `cbor:"12,keyasint"`
	Draft   bool    `cbor:"13,keyasint"` // the timings that follow are a draft model's
	// Gone counts clients that have gone of requests not known, the last one at
	// GoneAt.
	Gone      int   `cbor:"14,keyasint"`
	GoneAt    int64 `cbor:"15,keyasint"`
	JustEnded bool  `cbor:"16,keyasint"` // the entry before ended a stream
	Era       int64 `cbor:"17,keyasint"` // counts loads of models
}

// State returns all that the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	s := p.s
	s.Version = stateVersion
	return cbor.Marshal(s)
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var s state
	if err := cbor.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return fmt.Errorf("restore parser of LM Studio: %w", requestlog.ErrCheckpoint)
	}
	if len(s.Open) > maxOpen || len(s.Works) > maxWorks || len(s.Embeds) > maxEmbeds ||
		len(s.Slots.Tasks) > slots.Max || s.Section == sectionBody && s.Body == nil {
		return fmt.Errorf("restore parser of LM Studio: contradicts itself: %w", requestlog.ErrCheckpoint)
	}
	s.Clock.zone = p.opt.Zone
	p.s = s
	return nil
}
