package llamaswap

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// mark is the last entry that was handed over.
type mark struct {
	Known bool  `cbor:"1,keyasint"`
	ID    int64 `cbor:"2,keyasint"`
	At    int64 `cbor:"3,keyasint"` // its timestamp, Unix ns; 0: it had none
}

func (e *entry) stamp() int64 {
	if e.at.IsZero() {
		return 0
	}
	return e.at.UnixNano()
}

// news returns the entries after the mark, in the order of their ids, and how
// many fell out of the list before anybody saw them.
func (m mark) news(list []entry) (fresh []entry, dropped int64) {
	list = slices.DeleteFunc(list, func(e entry) bool { return e.ID == nil || *e.ID < 0 })
	slices.SortStableFunc(list, func(a, b entry) int { return cmp.Compare(*a.ID, *b.ID) })
	list = slices.CompactFunc(list, func(a, b entry) bool { return *a.ID == *b.ID })
	switch {
	case len(list) == 0:
		return nil, 0
	case !m.Known:
		return list, 0
	case m.reborn(list):
		return list, max(0, *list[0].ID-list[0].first())
	}
	after := slices.IndexFunc(list, func(e entry) bool { return *e.ID > m.ID })
	if after < 0 {
		return nil, 0
	}
	return list[after:], *list[after].ID - m.ID - 1
}

// reborn is true when the list is of another life than the mark: the ids have
// begun anew.
func (m mark) reborn(list []entry) bool {
	if *list[len(list)-1].ID < m.ID {
		return true
	}
	for _, e := range list {
		if *e.ID == m.ID {
			return e.stamp() != m.At
		}
	}
	return false // all of them are later, or those of the mark's time are gone
}

// reached is true when a list, read from its end on, holds all that is after the
// mark. Without a mark what ended before since is not wanted.
func (m mark) reached(list []entry, since time.Time) bool {
	list = slices.DeleteFunc(slices.Clone(list), func(e entry) bool { return e.ID == nil })
	if len(list) == 0 {
		return false
	}
	slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(*a.ID, *b.ID) })
	if !m.Known {
		return !list[0].at.IsZero() && list[0].at.Before(since)
	}
	return *list[0].ID <= m.ID && !m.reborn(list)
}

// activityFormat tells the checkpoints of Activity from others.
const activityFormat = "llamaswap-activity"

type checkpoint struct {
	Version int    `cbor:"1,keyasint"`
	Format  string `cbor:"2,keyasint"`
	Mark    mark   `cbor:"3,keyasint"`
}

// checkpointVersion changes with every change of the checkpoint's meaning.
const checkpointVersion = 1

func (m mark) checkpoint() ([]byte, error) {
	return cbor.Marshal(checkpoint{checkpointVersion, activityFormat, m})
}

func markOf(data []byte) (mark, error) {
	var c checkpoint
	if err := cbor.Unmarshal(data, &c); err != nil {
		return mark{}, requestlog.ErrCheckpoint
	}
	if c.Version != checkpointVersion || c.Format != activityFormat || c.Mark.ID < 0 {
		return mark{}, fmt.Errorf("version %d: %w", c.Version, requestlog.ErrCheckpoint)
	}
	return c.Mark, nil
}

// aheadMax is how far llama-swap's clock may be ahead of ours: an entry cannot
// tell of an end that is still to come.
const aheadMax = time.Minute
