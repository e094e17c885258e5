package calibration

import (
	"errors"
	"fmt"
)

// Reason says why a fit was refused. The set is closed so that it can be a label.
type Reason string

// The reasons for a refusal.
const (
	ReasonFewBlocks     Reason = "few_blocks"     // too few blocks, or too little time
	ReasonNarrow        Reason = "narrow"         // the chip did about the same all the time
	ReasonBelowChip     Reason = "below_chip"     // the meter shows less than the chip draws
	ReasonSteep         Reason = "steep"          // the meter shows more for a watt of the chip than any Mac draws
	ReasonNegativeBase  Reason = "negative_base"  // with the chip at rest the machine would draw less than nothing
	ReasonLargeBase     Reason = "large_base"     // with the chip at rest there is more than a Mac draws
	ReasonUnrelated     Reason = "unrelated"      // the meter does not follow the chip: R² is small
	ReasonScattered     Reason = "scattered"      // the meter follows the chip, but much else comes and goes
	ReasonOtherIdentity Reason = "other_identity" // what was learned is of another machine, system or meter
)

// RefusedError is why Fit or Learner.Line returned no line. errors.As finds it.
type RefusedError struct {
	Reason Reason
	Detail string // what was found, in numbers
	Advice string // what an operator can do about it
}

// Error implements error.
func (r *RefusedError) Error() string { return "fit calibration: " + r.Detail }

// Hint says what an operator can do about it.
func (r *RefusedError) Hint() string { return r.Advice }

func refuse(reason Reason, advice, format string, args ...any) *RefusedError {
	return &RefusedError{Reason: reason, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

// Why a stored calibration does not hold for this machine.
var (
	// ErrUnknownMachine is returned when the model or the system is not known, of
	// the calibration or of this machine: what is not known does not match.
	ErrUnknownMachine = errors.New("model or system is not known")
	// ErrOtherMachine is returned for a calibration of another model.
	ErrOtherMachine = errors.New("made on another machine")
	// ErrOtherSystem is returned for one of another major version of macOS, which
	// may model the rails in another way.
	ErrOtherSystem = errors.New("made under another major version of macOS")
	// ErrImplausible is returned for one whose numbers no fit gives.
	ErrImplausible = errors.New("not a plausible line")
)

// Why a plateau was thrown out.
var (
	// ErrTooShort is returned when less than LeastPlateau is left of a step.
	ErrTooShort = errors.New("too short once it has settled")
	// ErrChipUnknown is returned when power samples are missing.
	ErrChipUnknown = errors.New("power samples are missing")
	// ErrMeterUnknown is returned when the meter dropped out, or ended too early.
	ErrMeterUnknown = errors.New("readings of the meter are missing")
	// ErrUnsteady is returned when the load, or what the meter shows, changed.
	ErrUnsteady = errors.New("not steady")
	// ErrOtherLoad is the same, when other processes were at work.
	ErrOtherLoad = errors.New("other processes were at work")
	// ErrCharging is returned when the battery was charged or drained: the plug
	// then shows something else than the machine.
	ErrCharging = errors.New("the battery was charged or drained")
	// ErrDisagree is returned when counter and power of a meter contradict each
	// other: one of their units is wrong.
	ErrDisagree = errors.New("the meter's counter and its power contradict each other")
)

// PlateauError is why a step gave no plateau. It wraps one of those above.
type PlateauError struct {
	Step   string
	Err    error
	Detail string // in numbers; empty: there is nothing to add
}

// Error implements error.
func (e *PlateauError) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("plateau of step %s: %v", e.Step, e.Err)
	}
	return fmt.Sprintf("plateau of step %s: %v: %s", e.Step, e.Err, e.Detail)
}

// Hint says what an operator can do about it.
func (e *PlateauError) Hint() string {
	for _, h := range []struct {
		of     error
		advice string
	}{
		{ErrChipUnknown, "see sovmeter doctor: powermetrics stopped or was not started"},
		{ErrMeterUnknown, "see sovmeter meter test: readings must come at least every few seconds, and without holes"},
		{ErrTooShort, "a meter that shows the mean of a minute is too slow for a ladder: let sovmeter run learn the line in passing"},
		{ErrOtherLoad, "leave the machine alone for these minutes"},
		{ErrUnsteady, "leave the machine alone for these minutes, and only this machine on the meter"},
		{ErrCharging, "charge the battery fully, or hold its charge, before the ladder"},
		{ErrDisagree, "set the unit of the meter's power or of its energy counter"},
	} {
		if errors.Is(e.Err, h.of) {
			return h.advice
		}
	}
	return ""
}

// Unwrap returns the reason.
func (e *PlateauError) Unwrap() error { return e.Err }
