package systemmeter

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"strings"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// tasmota is a plug with the firmware Tasmota, asked for Status 8, its sensors.
//
// Sources: Tasmota's xdrv_01_webserver and xdrv_03_energy (arendst/Tasmota 14),
// its Commands page, and answers of real devices in evcc's tests. User and
// password stand in the query, and the answer to wrong ones is 200 with the key
// WARNING, or 401 in later versions. Power and Total are numbers, or arrays on a
// device with several channels, where Total is the sum of all of them unless
// SetOption129 splits it. The counter moves on each second; how many digits of
// its kWh are shown is up to the user (EnergyRes).
type tasmota struct {
	config Config
	client *client
	query  url.Values
}

func newTasmota(c Config, _ Options, client *client) (Meter, error) {
	query := url.Values{"cmnd": {"Status 8"}}
	if c.Secret.Known() {
		query.Set("user", userOr(c.User, "admin"))
		query.Set("password", c.Secret.value)
	}
	return &tasmota{config: c, client: client, query: query}, nil
}

func (m *tasmota) Name() string             { return m.config.Name }
func (m *tasmota) Scope() attribution.Scope { return attribution.ScopeWall }
func (m *tasmota) Close() error             { return m.client.close() }

func (m *tasmota) Read(ctx context.Context) (Reading, error) {
	got, err := m.client.get(ctx, m.query, "cm")
	if err != nil {
		return Reading{}, err
	}
	r, err := parseTasmota(got.Body, m.config.Channel)
	if err != nil {
		return Reading{}, err
	}
	return got.stamp(r), nil
}

type tasmotaStatus struct {
	Warning *json.RawMessage `json:"WARNING"`
	Sensors *struct {
		Energy *struct {
			Power tasmotaValues `json:"Power"`
			Total tasmotaValues `json:"Total"`
		} `json:"ENERGY"`
	} `json:"StatusSNS"`
}

func parseTasmota(body []byte, channel int) (Reading, error) {
	var status tasmotaStatus
	if err := json.Unmarshal(body, &status); err != nil {
		return Reading{}, fmt.Errorf("no answer to Status 8: %w", ErrFormat)
	}
	switch {
	case status.Sensors == nil && status.Warning != nil:
		return Reading{}, hint(fmt.Errorf("the device asks for another user or password: %w", ErrUnauthorized),
			"give the device's web password as this meter's secret; the user is admin unless set otherwise")
	case status.Sensors == nil:
		return Reading{}, hint(fmt.Errorf("no answer to Status 8: %w", ErrFormat), "the device at this address does not run Tasmota")
	case status.Sensors.Energy == nil:
		return Reading{}, hint(fmt.Errorf("no ENERGY among its sensors: %w", ErrUnavailable), "use a device that measures power, and the template that says how")
	}
	return tasmotaReading(status.Sensors.Energy.Power, status.Sensors.Energy.Total, channel)
}

// tasmotaReading takes one channel of each. A single counter beside several
// powers is that of all channels together, and says nothing of one.
func tasmotaReading(power, total tasmotaValues, channel int) (Reading, error) {
	channels := max(len(power), len(total))
	if channel >= channels && channels > 0 {
		return Reading{}, noChannel(channel, channels)
	}
	var r Reading
	if channel < len(power) && power[channel] != "" {
		watts, err := parseNumber(string(power[channel]))
		if err != nil {
			return Reading{}, fmt.Errorf("power: %w", err)
		}
		r.Power, r.HasPower = energy.Watts(watts), true
	}
	if len(total) == channels && channel < len(total) && total[channel] != "" {
		text := string(total[channel])
		kWh, err := parseNumber(text)
		if err != nil {
			return Reading{}, fmt.Errorf("total: %w", err)
		}
		r.Energy, r.HasEnergy = energy.Joules(kWh*float64(kilowattHour)), true
		r.Resolution = lastDigit(text, kilowattHour)
	}
	return r, nil
}

// lastDigit is the step of a number's last digit.
func lastDigit(text string, per energyUnit) energy.Joules {
	_, digits, _ := strings.Cut(text, ".")
	return energy.Joules(float64(per) / math.Pow10(len(digits)))
}

// tasmotaValues is a number or an array of numbers, as they were written; empty
// for null.
type tasmotaValues []json.Number

func (v *tasmotaValues) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		var several []json.Number
		if err := json.Unmarshal(data, &several); err != nil {
			return err
		}
		*v = several
		return nil
	}
	var one json.Number
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*v = tasmotaValues{one}
	return nil
}
