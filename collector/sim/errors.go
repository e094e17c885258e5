package sim

import "errors"

// ErrScenario is returned by New for a scenario that cannot be simulated. The
// error names every field that is wrong.
var ErrScenario = errors.New("scenario cannot be simulated")

// ErrEndless is returned by Run for a scenario without a Length.
var ErrEndless = errors.New("scenario has no length and so no end")
