package vllm

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// stateVersion changes with every change of the state's meaning.
const stateVersion = 1

// state is what a checkpoint keeps of a Parser.
type state struct {
	Version  int       `cbor:"1,keyasint"`
	Run      run       `cbor:"2,keyasint"`
	Requests []request `cbor:"3,keyasint"`
	Load     *load     `cbor:"4,keyasint"`
	Gone     []uint64  `cbor:"5,keyasint"`
}

// State returns all that the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	return cbor.Marshal(state{stateVersion, p.run, p.requests, p.load, p.gone})
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var s state
	if err := cbor.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return fmt.Errorf("restore vllm parser: %w", requestlog.ErrCheckpoint)
	}
	if len(s.Requests) > maxRequests || len(s.Gone) > maxGone {
		return fmt.Errorf("restore vllm parser: too many requests: %w", requestlog.ErrCheckpoint)
	}
	*p = Parser{opt: p.opt, run: s.Run, requests: s.Requests, load: s.Load, gone: s.Gone}
	return nil
}
