package llamacpp

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// stateVersion changes with every change of the state's meaning.
const stateVersion = 2

// checkpoint is what is kept of a Parser.
type checkpoint struct {
	Version  int     `cbor:"1,keyasint"`
	Main     state   `cbor:"2,keyasint"`
	Children []state `cbor:"3,keyasint"`
}

// State returns all that the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	c := checkpoint{Version: stateVersion, Main: p.main.state}
	for _, x := range p.children {
		c.Children = append(c.Children, x.state)
	}
	return cbor.Marshal(c)
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var c checkpoint
	if err := cbor.Unmarshal(data, &c); err != nil || c.Version != stateVersion {
		return fmt.Errorf("restore llama-server parser: %w", requestlog.ErrCheckpoint)
	}
	if !c.Main.bounded(maxWaiting) || c.Main.Child != nil || len(c.Children) > maxChildren {
		return fmt.Errorf("restore llama-server parser: too many tasks: %w", requestlog.ErrCheckpoint)
	}
	q := New(p.opt)
	q.main.state = c.Main
	for _, s := range c.Children {
		if s.Child == nil || !s.bounded(maxChildWaiting) {
			return fmt.Errorf("restore llama-server parser: a server without a port: %w", requestlog.ErrCheckpoint)
		}
		q.adopt(*s.Child).state = s
	}
	q.main.Router = c.Main.Router
	*p = *q
	p.main.out = &p.out
	for _, x := range p.children {
		x.out = &p.out
	}
	return nil
}

// bounded is true when the state is no larger than a parser lets it grow.
func (s *state) bounded(waiting int) bool {
	return len(s.Tasks.Tasks) <= slots.Max && len(s.Waiting) <= waiting && len(s.Loose) <= maxLoose
}
