package systemmeter

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// shellyGen1 is what GET /status of the first generation says of power. Plugs
// and relays have meters, whose total is in whole watt-minutes, moves on with
// each minute, and begins anew when the device starts. The EM and 3EM have
// emeters, whose total is in watt-hours and is kept.
type shellyGen1 struct {
	Meters  []shellyGen1Meter `json:"meters"`
	EMeters []shellyGen1Meter `json:"emeters"`
}

type shellyGen1Meter struct {
	Power *float64 `json:"power"`
	Valid *bool    `json:"is_valid"`
	Total *float64 `json:"total"`
}

// shellyMinute is how often the counters move on that do so by the minute.
const shellyMinute = time.Minute

// gen1 reads /status, signed in with basic auth where there is a password.
func (m *shelly) gen1(info shellyInfo) func(context.Context) (Reading, error) {
	if m.config.Secret.Known() {
		m.client.basic(userOr(m.config.User, "admin"), m.config.Secret)
	}
	return func(ctx context.Context) (Reading, error) {
		got, err := m.client.get(ctx, nil, "status")
		if err != nil {
			return Reading{}, err
		}
		r, err := parseShellyGen1(got.Body, m.config.Channel, strings.Contains(info.Type, "EM"))
		if err != nil {
			return Reading{}, err
		}
		return got.stamp(r), nil
	}
}

func parseShellyGen1(body []byte, channel int, em bool) (Reading, error) {
	var status shellyGen1
	if err := json.Unmarshal(body, &status); err != nil {
		return Reading{}, fmt.Errorf("status is no valid JSON: %w", ErrFormat)
	}
	meters, per := status.Meters, wattMinute
	if em || len(meters) == 0 {
		meters, per = status.EMeters, wattHour
	}
	if channel >= len(meters) {
		return Reading{}, noChannel(channel, len(meters))
	}
	at := meters[channel]
	if at.Valid != nil && !*at.Valid {
		return Reading{}, fmt.Errorf("is_valid is false: %w", ErrUnavailable)
	}
	r := newReading(at.Power, at.Total, per)
	if per == wattMinute {
		r.Resolution = 60
	} else {
		r.Resolution = 360 // a tenth of a watt-hour
	}
	return steppedByMinute(r), nil
}

// steppedByMinute widens the step of a counter that moves on by the minute: it
// moves by what was drawn in that minute.
func steppedByMinute(r Reading) Reading {
	if r.HasPower {
		r.Resolution = max(r.Resolution, r.Power.For(shellyMinute))
	}
	return r
}

// newReading is a reading of values that may not be there.
func newReading(watts, counter *float64, per energyUnit) Reading {
	var r Reading
	if watts != nil {
		r.Power, r.HasPower = energy.Watts(*watts), true
	}
	if counter != nil {
		r.Energy, r.HasEnergy = energy.Joules(*counter*float64(per)), true
	}
	return r
}

func noChannel(channel, has int) error {
	if has == 0 {
		return hint(fmt.Errorf("it measures no power: %w", ErrConfig), "use a device that does")
	}
	return hint(fmt.Errorf("it has no channel %d: %w", channel, ErrConfig), "set channel from 0 to %d", has-1)
}

func userOr(user, other string) string {
	if user == "" {
		return other
	}
	return user
}
