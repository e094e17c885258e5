package scope

import (
	"fmt"
	"slices"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/calibration"
)

// saved is what a Scoper needs to go on after a restart. Its fields are the
// format: new ones may be added.
type saved struct {
	Version  int
	Items    []item
	Keys     []string                // of the accounts, in the order of the items' parts
	Accounts map[string]savedAccount // by the meter's name and scope
	Charging charging
	Newest   time.Time
	Passing  time.Time // when what was learned was last made a calibration
}

type savedAccount struct {
	Points  []point
	Seen    time.Time
	Spacing time.Duration
	Counter counter
	Block   block
	Less    time.Duration
	Side    side
	Slope   slope
	Supply  supply
	Learned calibration.State
}

const stateVersion = 1

// New returns a Scoper that goes on from a state, and knows the stored
// calibrations. With a state that cannot be read it begins anew, and returns the
// error besides. What waits of a meter that is not configured any more is decided
// without it.
func New(config Config, state []byte, calibrations []attribution.Calibration) (*Scoper, error) {
	s := &Scoper{config: config, lines: newLines(config, calibrations)}
	var from saved
	err := from.read(state)
	for _, m := range config.Meters {
		a := &account{meter: m.withDefaults()}
		old, ok := from.Accounts[accountKey(m)]
		if ok {
			a.Points, a.Seen, a.Spacing, a.Counter = old.Points, old.Seen, old.Spacing, old.Counter
			a.Block, a.Less, a.Side, a.Slope, a.Supply = old.Block, old.Less, old.Side, old.Slope, old.Supply
		}
		a.learner = calibration.NewLearner(old.Learned)
		a.learner.Identify(s.lines.identity(m))
		s.accounts = append(s.accounts, a)
		s.lines.refit(a)
	}
	s.items, s.charging, s.newest, s.begun = from.Items, from.Charging, from.Newest, len(from.Items) > 0
	s.lines.passing = from.Passing
	if !slices.Equal(from.Keys, s.keys()) { // what other meters said of an item means nothing
		for i := range s.items {
			s.items[i].Parts = make([]part, len(s.accounts))
		}
	}
	return s, err
}

func (s *Scoper) keys() []string {
	keys := []string{}
	for _, a := range s.accounts {
		keys = append(keys, accountKey(a.meter))
	}
	return keys
}

func accountKey(m Meter) string { return string(m.Scope) + " " + m.Name }

func (f *saved) read(state []byte) error {
	if len(state) == 0 {
		return nil
	}
	if err := cbor.Unmarshal(state, f); err != nil {
		*f = saved{}
		return fmt.Errorf("state of the meters: %w", err)
	}
	if f.Version != stateVersion {
		version := f.Version
		*f = saved{}
		return fmt.Errorf("state of the meters: version %d, want %d", version, stateVersion)
	}
	for i := range f.Items {
		if x := f.Items[i]; (x.Window == nil) == (x.Gap == nil) || len(x.Parts) != len(f.Keys) {
			*f = saved{}
			return fmt.Errorf("state of the meters: item %d is damaged", i)
		}
	}
	return nil
}

// State is what New needs to go on from here; nil while there is nothing to
// remember.
func (s *Scoper) State() ([]byte, error) {
	if len(s.accounts) == 0 && len(s.items) == 0 {
		return nil, nil
	}
	to := saved{Version: stateVersion, Items: s.items, Keys: s.keys(), Accounts: map[string]savedAccount{}, Charging: s.charging, Newest: s.newest, Passing: s.lines.passing}
	for _, a := range s.accounts {
		to.Accounts[accountKey(a.meter)] = savedAccount{a.Points, a.Seen, a.Spacing, a.Counter, a.Block, a.Less, a.Side, a.Slope, a.Supply, a.learner.State()}
	}
	// The default cuts times to whole seconds.
	mode, err := cbor.EncOptions{Time: cbor.TimeRFC3339NanoUTC}.EncMode()
	if err != nil {
		return nil, fmt.Errorf("state of the meters: %w", err)
	}
	b, err := mode.Marshal(to)
	if err != nil {
		return nil, fmt.Errorf("state of the meters: %w", err)
	}
	return b, nil
}

// Newest is the latest end of what was added; zero before that.
func (s *Scoper) Newest() time.Time { return s.newest }
