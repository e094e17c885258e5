package ollama

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// stateVersion changes with every change of the state's meaning.
const stateVersion = 1

// state is what a checkpoint keeps of a Parser.
type state struct {
	Version  int            `cbor:"1,keyasint"`
	Run      run            `cbor:"2,keyasint"`
	Runners  []runner       `cbor:"3,keyasint"`
	Strays   []stray        `cbor:"4,keyasint"`
	Choices  []choice       `cbor:"5,keyasint"`
	Blurred  map[int64]bool `cbor:"6,keyasint"`
	Access   access         `cbor:"7,keyasint"`
	Cut      cut            `cbor:"8,keyasint"`
	Spoke    bool           `cbor:"9,keyasint"`
	Newest   int64          `cbor:"10,keyasint"`
	Told     span           `cbor:"11,keyasint"`
	Latest   int64          `cbor:"12,keyasint"`
	Open     bool           `cbor:"13,keyasint"`
	Last     slots.Mark     `cbor:"14,keyasint"`
	LastLine int64          `cbor:"15,keyasint"`
	Waiting  []slots.Ended  `cbor:"16,keyasint"`
}

// State returns all that the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	for i := range p.runners {
		p.runners[i].Tasks = p.runners[i].Table.Tasks
	}
	for i := range p.strays {
		p.strays[i].Tasks = p.strays[i].Table.Tasks
	}
	return cbor.Marshal(state{
		stateVersion, p.run, p.runners, p.strays, p.choices, p.blurred, p.access, p.cut, p.spoke,
		p.newest, p.told, p.latest, p.open, p.last, p.lastLine, p.waiting,
	})
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var s state
	if err := cbor.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return fmt.Errorf("restore Ollama parser: %w", requestlog.ErrCheckpoint)
	}
	if !s.bounded() {
		return fmt.Errorf("restore Ollama parser: more than it can hold: %w", requestlog.ErrCheckpoint)
	}
	for i := range s.Runners {
		s.Runners[i].Table.Tasks = s.Runners[i].Tasks
	}
	for i := range s.Strays {
		s.Strays[i].Table.Tasks = s.Strays[i].Tasks
	}
	if s.Blurred == nil {
		s.Blurred = map[int64]bool{}
	}
	*p = Parser{
		opt: p.opt, run: s.Run, runners: s.Runners, strays: s.Strays, choices: s.Choices, blurred: s.Blurred,
		access: s.Access, cut: s.Cut, spoke: s.Spoke, newest: s.Newest, told: s.Told, latest: s.Latest,
		open: s.Open, last: s.Last, lastLine: s.LastLine, waiting: s.Waiting,
	}
	return nil
}

// bounded is true for a state that a Parser can have had.
func (s *state) bounded() bool {
	if len(s.Runners) > maxRunners+1 || len(s.Strays) > maxStrays || len(s.Choices) > maxChoices ||
		len(s.Waiting) > maxWaiting || len(s.Cut.Piece) > maxCut ||
		len(s.Access.Loads) > maxLoads || len(s.Access.Done) > maxDone {
		return false
	}
	for i := range s.Runners {
		r := &s.Runners[i]
		if len(r.Tasks) > slots.Max || len(r.Held) > maxHeld || r.Digest != "" && len(r.Digest) != 64 {
			return false
		}
	}
	for i := range s.Strays {
		if len(s.Strays[i].Tasks) != 1 || len(s.Strays[i].Ports) > maxRunners+1 {
			return false
		}
	}
	return true
}
