package systemmeter

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shellyComponent is a part of a Shelly of generation 2 or later that measures.
type shellyComponent struct {
	key  string // in the status of the whole device, such as switch
	name string // in the name of a method, such as Switch
	// data is the component that holds the counter; empty: the same one does.
	data string
}

// shellyComponents lists them in the order in which they are looked for: a Pro
// EM has a switch too, but one that measures nothing.
func shellyComponents() []shellyComponent {
	return []shellyComponent{
		{key: "switch", name: "Switch"},
		{key: "pm1", name: "PM1"},
		{key: "cover", name: "Cover"},
		{key: "light", name: "Light"},
		{key: "em1", name: "EM1", data: "EM1Data"},
		{key: "em", name: "EM", data: "EMData"},
	}
}

// gen2 finds the component that measures the channel, and reads it. Where there
// is a password, the user is always admin, and the digest SHA-256.
func (m *shelly) gen2(ctx context.Context) (func(context.Context) (Reading, error), error) {
	if m.config.Secret.Known() {
		m.client.digest(userOr(m.config.User, "admin"), m.config.Secret)
	}
	got, err := m.client.get(ctx, nil, "rpc", "Shelly.GetStatus")
	if err != nil {
		return nil, err
	}
	found, err := findShellyComponent(got.Body, m.config.Channel)
	if err != nil {
		return nil, err
	}
	query := url.Values{"id": {strconv.Itoa(m.config.Channel)}}
	return func(ctx context.Context) (Reading, error) {
		got, err := m.client.get(ctx, query, "rpc", found.name+".GetStatus")
		if err != nil {
			return Reading{}, err
		}
		var counter []byte
		if found.data != "" {
			second, err := m.client.get(ctx, query, "rpc", found.data+".GetStatus")
			if err != nil {
				return Reading{}, err
			}
			counter = second.Body
		}
		r, err := parseShellyGen2(got.Body, counter)
		if err != nil {
			return Reading{}, err
		}
		return got.stamp(r), nil
	}, nil
}

// findShellyComponent looks in the status of the whole device for the component
// that measures a channel.
func findShellyComponent(body []byte, channel int) (shellyComponent, error) {
	var status map[string]json.RawMessage
	if err := json.Unmarshal(body, &status); err != nil {
		return shellyComponent{}, fmt.Errorf("status is no valid JSON: %w", ErrFormat)
	}
	var others []string
	for _, c := range shellyComponents() {
		for key, part := range status {
			name, id, ok := strings.Cut(key, ":")
			if !ok || name != c.key || !measures(part) {
				continue
			}
			if id == strconv.Itoa(channel) {
				return c, nil
			}
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return shellyComponent{}, noChannel(channel, 0)
	}
	slices.Sort(others)
	return shellyComponent{}, hint(fmt.Errorf("it has no channel %d: %w", channel, ErrConfig),
		"set channel to one of %s", strings.Join(slices.Compact(others), ", "))
}

// measures tells by a component's keys whether it measures power. Their values
// may be null while the device starts.
func measures(part json.RawMessage) bool {
	var keys map[string]json.RawMessage
	if json.Unmarshal(part, &keys) != nil {
		return false
	}
	for _, key := range []string{"apower", "aenergy", "act_power", "total_act_power"} {
		if _, ok := keys[key]; ok {
			return true
		}
	}
	return false
}

// shellyGen2 is the status of any of the components, and that of the component
// with its counter.
type shellyGen2 struct {
	Errors []string `json:"errors"`

	// Switch, PM1, Cover and Light; aenergy has what went either way, in Wh.
	Power    *float64       `json:"apower"`
	Energy   *shellyCounter `json:"aenergy"`
	Returned *shellyCounter `json:"ret_aenergy"`

	EM1Power *float64 `json:"act_power"`
	EMPower  *float64 `json:"total_act_power"`
	// EM1Data and EMData; what went either way is apart, in Wh.
	EM1Total *float64 `json:"total_act_energy"`
	EMTotal  *float64 `json:"total_act"`
}

type shellyCounter struct {
	Total *float64 `json:"total"`
}

func parseShellyGen2(body, counter []byte) (Reading, error) {
	var status shellyGen2
	for _, part := range [][]byte{body, counter} {
		if part == nil {
			continue
		}
		if err := json.Unmarshal(part, &status); err != nil {
			return Reading{}, fmt.Errorf("status is not that of a component that measures: %w", ErrFormat)
		}
		for _, fault := range status.Errors {
			if fault == "power_meter_failure" {
				return Reading{}, fmt.Errorf("the device says power_meter_failure: %w", ErrUnavailable)
			}
		}
	}
	if counter != nil {
		return parseShellyEM(status), nil
	}
	r := newReading(status.Power, status.drawn(), wattHour)
	r.Resolution = 3.6 // a milliwatt-hour
	return r, nil
}

func parseShellyEM(status shellyGen2) Reading {
	power, total := status.EM1Power, status.EM1Total
	if power == nil {
		power = status.EMPower
	}
	if total == nil {
		total = status.EMTotal
	}
	r := newReading(power, total, wattHour)
	r.Resolution = 36 // a hundredth of a watt-hour
	return steppedByMinute(r)
}

// drawn is the counter less what was fed back, which it counts too. It is not
// known while the device counts that and does not know it.
func (s shellyGen2) drawn() *float64 {
	if s.Energy == nil || s.Energy.Total == nil || s.Returned != nil && s.Returned.Total == nil {
		return nil
	}
	total := *s.Energy.Total
	if s.Returned != nil {
		total -= *s.Returned.Total
	}
	return &total
}
