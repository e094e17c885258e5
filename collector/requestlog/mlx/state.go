package mlx

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// stateVersion changes with every change of the state's meaning.
const stateVersion = 1

// state is what a checkpoint keeps of a Parser.
type state struct {
	Version int     `cbor:"1,keyasint"`
	Run     run     `cbor:"2,keyasint"`
	Tasks   []task  `cbor:"3,keyasint"`
	Posts   []post  `cbor:"4,keyasint"`
	Hits    []hit   `cbor:"5,keyasint"`
	Loads   []load  `cbor:"6,keyasint"`
	Echoes  []int64 `cbor:"7,keyasint"`
}

// State returns all that the parser needs to go on after a restart.
func (p *Parser) State() ([]byte, error) {
	return cbor.Marshal(state{stateVersion, p.run, p.tasks, p.posts, p.hits, p.loads, p.echoes})
}

// Restore puts a new parser where State was taken.
func (p *Parser) Restore(data []byte) error {
	var s state
	if err := cbor.Unmarshal(data, &s); err != nil || s.Version != stateVersion {
		return fmt.Errorf("restore mlx parser: %w", requestlog.ErrCheckpoint)
	}
	if len(s.Tasks) > maxTasks || len(s.Posts) > maxPosts || len(s.Hits) > maxHits ||
		len(s.Loads) > maxLoads || len(s.Echoes) > maxEchoes {
		return fmt.Errorf("restore mlx parser: too many requests: %w", requestlog.ErrCheckpoint)
	}
	*p = Parser{opt: p.opt, run: s.Run, tasks: s.Tasks, posts: s.Posts, hits: s.Hits, loads: s.Loads, echoes: s.Echoes}
	return nil
}
