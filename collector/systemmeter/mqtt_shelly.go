package systemmeter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Shelly's topics, from the documentation of the makers:
// shelly-api-docs.shelly.cloud, "Gen1: MQTT", and "Gen2: Components/Mqtt" and
// "General/Notifications".

// shelly1Topics are those of the first generation. It publishes both values
// every 30 s unless told otherwise, and the power on a change too.
func shelly1Topics(prefix string, channel int) []mqttTopic {
	relay := prefix + "/relay/" + strconv.Itoa(channel)
	return []mqttTopic{
		{name: relay + "/power", parse: wattsParser},
		{name: relay + "/energy", parse: shelly1Counter},
		{name: prefix + "/online", parse: presenceParser},
	}
}

// shelly1Counter reads a counter in watt-minutes, which moves on by the minute.
func shelly1Counter(payload []byte) (mqttUpdate, error) {
	var u mqttUpdate
	if err := u.setEnergy(string(payload), wattMinute); err != nil {
		return mqttUpdate{}, err
	}
	u.byMinute = true
	return u, nil
}

// shelly2Topics are those of all later generations. A device sends its status
// on the one, the other, or both, as it is set up.
func shelly2Topics(prefix string, channel int) []mqttTopic {
	s := &shelly2Parser{channel: strconv.Itoa(channel)}
	topics := []mqttTopic{
		{name: prefix + "/events/rpc", parse: s.notification},
		{name: prefix + "/online", parse: presenceParser},
	}
	for _, c := range s.components() {
		topics = append(topics, mqttTopic{name: prefix + "/status/" + c, parse: s.status})
	}
	return topics
}

// shelly2Parser reads the status of components: whole, or what changed of it.
type shelly2Parser struct {
	channel string
	// returned is what flowed back in Wh, which the counter holds too. A message
	// of a change need not repeat it.
	returned float64
}

// components are those that measure: a relay, a bare meter, a shutter, a dimmer,
// and the two halves of an energy meter.
func (s *shelly2Parser) components() []string {
	var names []string
	for _, kind := range []string{"switch", "pm1", "cover", "light", "em1", "em1data", "em", "emdata"} {
		names = append(names, kind+":"+s.channel)
	}
	return names
}

// shelly2Status is what of a component's status counts here. Counters are in Wh.
type shelly2Status struct {
	APower        *json.Number  `json:"apower"`
	ActPower      *json.Number  `json:"act_power"`       // em1
	TotalActPower *json.Number  `json:"total_act_power"` // em
	AEnergy       *shelly2Total `json:"aenergy"`
	RetAEnergy    *shelly2Total `json:"ret_aenergy"`
	ActEnergy     *json.Number  `json:"total_act_energy"` // em1data
	TotalAct      *json.Number  `json:"total_act"`        // emdata
	Errors        []string      `json:"errors"`
}

type shelly2Total struct {
	Total *json.Number `json:"total"`
}

// status reads <prefix>/status/<component>: the whole status.
func (s *shelly2Parser) status(payload []byte) (mqttUpdate, error) {
	var c shelly2Status
	if err := decode(payload, &c); err != nil {
		return mqttUpdate{}, err
	}
	return s.read(c)
}

// notification reads <prefix>/events/rpc: what changed of any component.
func (s *shelly2Parser) notification(payload []byte) (mqttUpdate, error) {
	var frame struct {
		Method string                     `json:"method"`
		Params map[string]json.RawMessage `json:"params"`
	}
	if err := decode(payload, &frame); err != nil {
		return mqttUpdate{}, err
	}
	if frame.Method != "NotifyStatus" && frame.Method != "NotifyFullStatus" {
		return mqttUpdate{}, nil
	}
	var all mqttUpdate
	for _, name := range s.components() {
		raw, ok := frame.Params[name]
		if !ok {
			continue
		}
		u, err := s.status(raw)
		if err != nil {
			return mqttUpdate{}, fmt.Errorf("component %s: %w", name, err)
		}
		all.merge(u)
	}
	return all, nil
}

func (s *shelly2Parser) read(c shelly2Status) (u mqttUpdate, err error) {
	if slices.Contains(c.Errors, "power_meter_failure") {
		return mqttUpdate{}, fmt.Errorf("the device says power_meter_failure: %w", ErrUnavailable)
	}
	if p := first(c.APower, c.ActPower, c.TotalActPower); p != nil {
		if err := u.setPower(p.String(), watt); err != nil {
			return mqttUpdate{}, err
		}
	}
	if back := total(c.RetAEnergy); back != nil {
		if s.returned, err = parseNumber(back.String()); err != nil {
			return mqttUpdate{}, fmt.Errorf("returned energy: %w", err)
		}
	}
	if t := first(total(c.AEnergy), c.ActEnergy, c.TotalAct); t != nil {
		if err := u.setEnergy(t.String(), wattHour); err != nil {
			return mqttUpdate{}, err
		}
		// The counters of em1data and emdata move by the minute, and count the two
		// ways apart.
		u.byMinute = total(c.AEnergy) == nil
		if !u.byMinute {
			u.Energy -= energy.Joules(s.returned * float64(wattHour))
		}
	}
	return u, nil
}

func total(t *shelly2Total) *json.Number {
	if t == nil {
		return nil
	}
	return t.Total
}

// first returns the first that is there.
func first(all ...*json.Number) *json.Number {
	for _, n := range all {
		if n != nil {
			return n
		}
	}
	return nil
}
