package llamacpp

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
	Version int           `cbor:"1,keyasint"`
	Run     run           `cbor:"2,keyasint"`
	Model   string        `cbor:"3,keyasint"`
	Load    *load         `cbor:"4,keyasint"`
	Tasks   []slots.Task  `cbor:"5,keyasint"`
	Waiting []slots.Ended `cbor:"6,keyasint"`
	Next    slots.Choice  `cbor:"7,keyasint"`
}

// State returns all that the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	return cbor.Marshal(state{stateVersion, p.run, p.model, p.load, p.tasks.Tasks, p.waiting, p.tasks.Next})
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var s state
	if err := cbor.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return fmt.Errorf("restore llama-server parser: %w", requestlog.ErrCheckpoint)
	}
	if len(s.Tasks) > slots.Max || len(s.Waiting) > maxWaiting {
		return fmt.Errorf("restore llama-server parser: too many tasks: %w", requestlog.ErrCheckpoint)
	}
	*p = Parser{opt: p.opt, run: s.Run, model: s.Model, load: s.Load, waiting: s.Waiting,
		tasks: slots.Table{Tasks: s.Tasks, Next: s.Next}}
	return nil
}
