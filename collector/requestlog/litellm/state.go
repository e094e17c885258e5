package litellm

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// maxTaken is how many calls are remembered so as not to be taken twice.
const maxTaken = 256

// ring are the last calls that were taken. LiteLLM calls some loggers twice, from
// its synchronous and its asynchronous side.
type ring struct {
	Calls []uint64 `cbor:"1,keyasint"`
	Next  int      `cbor:"2,keyasint"`
}

// add is false for a call that was added before.
func (r *ring) add(pl *payload) bool {
	h := fnv.New64a()
	h.Write([]byte(pl.ID))
	times := []int64{pl.Start, 0}
	if pl.ID == "" {
		times[1] = pl.End
	}
	binary.Write(h, binary.BigEndian, times) //nolint:errcheck // a hash never fails
	call := h.Sum64()
	if slices.Contains(r.Calls, call) {
		return false
	}
	if len(r.Calls) < maxTaken {
		r.Calls = append(r.Calls, call)
		return true
	}
	r.Calls[r.Next] = call
	r.Next = (r.Next + 1) % maxTaken
	return true
}

// stateVersion changes with every change of the state's meaning.
const stateVersion = 1

type state struct {
	Version int   `cbor:"1,keyasint"`
	Latest  int64 `cbor:"2,keyasint"` // Unix ns; 0: none
	Taken   ring  `cbor:"3,keyasint"`
	Block   block `cbor:"4,keyasint"`
}

// State returns what the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	s := state{Version: stateVersion, Taken: p.taken, Block: p.block}
	if !p.latest.IsZero() {
		s.Latest = p.latest.UnixNano()
	}
	return cbor.Marshal(s)
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var s state
	if err := cbor.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return fmt.Errorf("restore litellm parser: %w", requestlog.ErrCheckpoint)
	}
	if len(s.Taken.Calls) > maxTaken || s.Taken.Next < 0 || s.Taken.Next >= maxTaken {
		return fmt.Errorf("restore litellm parser: too many calls: %w", requestlog.ErrCheckpoint)
	}
	*p = Parser{opt: p.opt, hosts: p.hosts, block: s.Block, taken: s.Taken}
	if s.Latest != 0 {
		p.latest = time.Unix(0, s.Latest).UTC()
	}
	return nil
}
