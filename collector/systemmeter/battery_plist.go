package systemmeter

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"time"

	"howett.net/plist"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// telemetry is what a laptop says of its power, on the DC side. What it does not
// say is not known: keys are missing or empty on some models and versions of
// macOS (batt, issue 73; energy-tracker, issue 4).
type telemetry struct {
	Load    knownWatts // what the machine draws: SystemLoad
	PowerIn knownWatts // what the adapter gives: SystemPowerIn
	Battery knownWatts // what goes into the battery, below 0 out of it: BatteryPower
	Loads   loadTally  // what Load was added up to
	// Updated is when the driver last asked the battery, to the second; zero: it
	// does not say. Whether it asked for the telemetry too is not known.
	Updated time.Time
}

type knownWatts struct {
	Value energy.Watts
	Known bool
}

// loadTally is the sum of SystemLoad over ticks, in milliwatts, and their count:
// AccumulatedSystemLoad and SystemLoadAccumulatorCount. Ticks are about a second
// apart as far as captures show, but nothing promises it.
type loadTally struct {
	Sum, Count int64
	Known      bool
}

// parseBattery reads the property list that ioreg -a prints for the class
// AppleSmartBattery: an array of registry entries, of which a Mac has one. It
// prints nothing at all where there is no battery. Powers are in milliwatts.
//
// SystemEffectiveTotalLoad, which macOS 27 adds, is left alone: it is 0 in the
// dumps that show it, whatever the machine drew, and nobody says what it is.
func parseBattery(b []byte) (telemetry, error) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return telemetry{}, fmt.Errorf("no battery: %w", ErrAbsent)
	}
	root, err := decodePlist(b)
	if err != nil {
		return telemetry{}, err
	}
	entries, ok := root.([]any)
	if !ok {
		return telemetry{}, fmt.Errorf("the property list is no array of entries: %w", ErrFormat)
	}
	entry := builtIn(entries)
	if entry == nil {
		return telemetry{}, fmt.Errorf("no battery: %w", ErrAbsent)
	}
	values, ok := entry["PowerTelemetryData"].(map[string]any)
	if !ok {
		return telemetry{}, fmt.Errorf("the battery has no PowerTelemetryData: %w", ErrUnavailable)
	}
	t := telemetryOf(func(key string) (int64, bool) { return whole(values[key]) })
	if seconds, ok := whole(entry["UpdateTime"]); ok && seconds > 0 && seconds < math.MaxInt32 {
		t.Updated = time.Unix(seconds, 0).UTC()
	}
	return t, nil
}

// telemetryOf reads PowerTelemetryData.
func telemetryOf(value func(key string) (int64, bool)) (t telemetry) {
	watts := func(key string) knownWatts {
		mw, ok := value(key)
		return knownWatts{energy.Watts(mw) / 1e3, ok}
	}
	t.Load, t.PowerIn, t.Battery = watts("SystemLoad"), watts("SystemPowerIn"), watts("BatteryPower")
	sum, hasSum := value("AccumulatedSystemLoad")
	count, hasCount := value("SystemLoadAccumulatorCount")
	if hasSum && hasCount {
		t.Loads = loadTally{Sum: sum, Count: count, Known: true}
	}
	return t
}

// builtIn is the Mac's own battery among the entries: the one that says so, else
// the first that has telemetry, else the first.
func builtIn(entries []any) (found map[string]any) {
	best := 0
	for _, e := range entries {
		entry, ok := e.(map[string]any)
		if !ok {
			continue
		}
		rank := 1
		if _, ok := entry["PowerTelemetryData"].(map[string]any); ok {
			rank += 2
		}
		if yes(entry["built-in"]) {
			rank++
		}
		if rank > best {
			best, found = rank, entry
		}
	}
	return found
}

// decodePlist reads an XML property list.
func decodePlist(b []byte) (root any, err error) {
	if b[0] != '<' {
		return nil, fmt.Errorf("no XML property list: %w", ErrFormat)
	}
	err = guarded(func() error {
		_, err := plist.Unmarshal(b, &root)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("no valid property list: %w", ErrFormat)
	}
	return root, nil
}

var errPanicked = errors.New("the decoder panicked")

// guarded makes an error of a panic: the library hands on those of the runtime,
// and a meter's answer must not end the daemon. None was found in a million
// mutated answers.
func guarded(decode func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errPanicked
		}
	}()
	return decode()
}

// whole takes an integer. Negative ones print as such, or as numbers near 2^64.
func whole(v any) (int64, bool) {
	switch n := v.(type) {
	case uint64:
		return int64(n), true
	case int64:
		return n, true
	}
	return 0, false
}

func yes(v any) bool {
	switch b := v.(type) {
	case bool:
		return b
	case uint64:
		return b != 0
	}
	return false
}
