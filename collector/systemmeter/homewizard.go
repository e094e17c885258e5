package systemmeter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// homeWizard is an Energy Socket, kWh or P1 meter of HomeWizard, asked over
// version 1 of its local API, which has no password but must be switched on.
//
// Sources: api-documentation.homewizard.com (v1), and answers of real devices in
// Home Assistant's tests (home-assistant/core tests/components/homewizard). Early
// firmware says only the sums of the tariffs, later also the total of them. What
// is fed back is counted apart.
type homeWizard struct {
	config Config
	client *client
}

func newHomeWizard(c Config, _ Options, client *client) (Meter, error) {
	return &homeWizard{config: c, client: client}, nil
}

func (m *homeWizard) Name() string             { return m.config.Name }
func (m *homeWizard) Scope() attribution.Scope { return attribution.ScopeWall }
func (m *homeWizard) Close() error             { return m.client.close() }

func (m *homeWizard) Read(ctx context.Context) (Reading, error) {
	got, err := m.client.get(ctx, nil, "api", "v1", "data")
	if errors.Is(err, ErrUnauthorized) {
		return Reading{}, hint(err, "switch on the local API of the device in the HomeWizard app")
	}
	if err != nil {
		return Reading{}, err
	}
	r, err := parseHomeWizard(got.Body)
	if err != nil {
		return Reading{}, err
	}
	return got.stamp(r), nil
}

type homeWizardData struct {
	Power  *float64 `json:"active_power_w"`
	Import *float64 `json:"total_power_import_kwh"`
	T1     *float64 `json:"total_power_import_t1_kwh"`
	T2     *float64 `json:"total_power_import_t2_kwh"`
	T3     *float64 `json:"total_power_import_t3_kwh"`
	T4     *float64 `json:"total_power_import_t4_kwh"`
}

func parseHomeWizard(body []byte) (Reading, error) {
	var data homeWizardData
	if err := json.Unmarshal(body, &data); err != nil {
		return Reading{}, fmt.Errorf("data is not that of a meter: %w", ErrFormat)
	}
	r := newReading(data.Power, data.total(), kilowattHour)
	r.Resolution = 3600 // a thousandth of a kilowatt-hour
	return r, nil
}

// total is the counter of what was drawn, in kWh.
func (d homeWizardData) total() *float64 {
	if d.Import != nil {
		return d.Import
	}
	var sum *float64
	for _, tariff := range []*float64{d.T1, d.T2, d.T3, d.T4} {
		if tariff == nil {
			continue
		}
		if sum == nil {
			sum = new(float64)
		}
		*sum += *tariff
	}
	return sum
}
