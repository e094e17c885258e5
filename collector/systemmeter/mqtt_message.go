package systemmeter

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// mqttUpdate is what one message says. A message need not say everything.
type mqttUpdate struct {
	Reading       // without a time
	byMinute bool // the counter moves on by the minute
	presence presence
}

// presence is what a device's availability topic says.
type presence int

const (
	presenceUnknown presence = iota
	presenceOnline
	presenceOffline
)

// mqttParser reads the payload of one topic. Its error holds nothing of it.
type mqttParser func(payload []byte) (mqttUpdate, error)

func (u *mqttUpdate) setPower(text string, unit powerUnit) error {
	v, err := parseNumber(text)
	if err != nil {
		return fmt.Errorf("power: %w", err)
	}
	u.Power, u.HasPower = energy.Watts(v*float64(unit)), true
	return nil
}

func (u *mqttUpdate) setEnergy(text string, unit energyUnit) error {
	v, err := parseNumber(text)
	if err != nil {
		return fmt.Errorf("energy counter: %w", err)
	}
	u.Energy, u.HasEnergy = energy.Joules(v*float64(unit)), true
	u.Resolution = energy.Joules(math.Abs(printedStep(text) * float64(unit)))
	return nil
}

// printedStep is the least difference that a number printed like this can
// show: 0.01 for 12.34. 0 for one with an exponent, and for one with so many
// digits that they are not the device's.
func printedStep(text string) float64 {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "eE") {
		return 0
	}
	_, decimals, _ := strings.Cut(text, ".")
	if len(decimals) > 6 {
		return 0
	}
	return math.Pow10(-len(decimals))
}

// merge takes over what another update says.
func (u *mqttUpdate) merge(o mqttUpdate) {
	if o.HasPower {
		u.Power, u.HasPower = o.Power, true
	}
	if o.HasEnergy {
		u.Energy, u.HasEnergy, u.Resolution, u.byMinute = o.Energy, true, o.Resolution, o.byMinute
	}
	if o.presence != presenceUnknown {
		u.presence = o.presence
	}
}

// wattsParser reads a payload that is a bare number.
func wattsParser(payload []byte) (u mqttUpdate, err error) {
	err = u.setPower(string(payload), watt)
	return u, err
}

// presenceParser reads what a broker keeps of a device: {"state":"online"}, or
// the bare word.
func presenceParser(payload []byte) (mqttUpdate, error) {
	word := strings.ToLower(string(bytes.TrimSpace(payload)))
	var object struct{ State string }
	if json.Unmarshal(payload, &object) == nil && object.State != "" {
		word = strings.ToLower(object.State)
	}
	switch word {
	case "online", "true", "1":
		return mqttUpdate{presence: presenceOnline}, nil
	case "offline", "false", "0":
		return mqttUpdate{presence: presenceOffline}, nil
	}
	return mqttUpdate{}, fmt.Errorf("availability is neither online nor offline: %w", ErrFormat)
}

// decode reads JSON into v. Its error holds nothing of the payload.
func decode(payload []byte, v any) error {
	if err := json.Unmarshal(payload, v); err != nil {
		return fmt.Errorf("no JSON of the expected kind: %w", ErrFormat)
	}
	return nil
}
