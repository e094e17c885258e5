package systemmeter

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// haEntity is an entity with a value.
type haEntity struct {
	key   string // what the config calls it
	id    string // such as sensor.mac_power
	unit  string // for an entity that has none
	scale float64
	// of returns what one of a unit is in watts or joules.
	of func(unit string) (float64, error)
}

func powerScale(unit string) (float64, error) {
	u, err := parsePowerUnit(unit)
	return float64(u), err
}

func energyScale(unit string) (float64, error) {
	u, err := parseEnergyUnit(unit)
	return float64(u), err
}

// checkHomeAssistant returns the faults that only a meter of Home Assistant can
// have, joined.
func checkHomeAssistant(c Config) error {
	var faults []error
	for _, p := range []struct{ key, id string }{{"power", c.Power.Place}, {"energy", c.EnergyCounter.Place}} {
		if p.id != "" && !isEntityID(p.id) {
			faults = append(faults, &KeyError{p.key, fmt.Sprintf("%q is no entity of Home Assistant", p.id), "write it like sensor.mac_power"})
		}
	}
	return errors.Join(faults...)
}

// newHAEntity returns nil where the config names none.
func newHAEntity(key string, p ValuePlace, of func(string) (float64, error)) *haEntity {
	if p.Place == "" {
		return nil
	}
	return &haEntity{key: key, id: p.Place, unit: p.Unit, scale: p.factor(), of: of}
}

// isEntityID holds for a domain and a name of small letters, digits and
// underscores. Nothing else may get into a template.
func isEntityID(id string) bool {
	domain, name, ok := strings.Cut(id, ".")
	return ok && domain != "" && name != "" && !strings.ContainsFunc(domain+name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}

// haState is what counts here of an entity's state.
type haState struct {
	State      string `json:"state"`
	Attributes struct {
		Unit       string `json:"unit_of_measurement"`
		StateClass string `json:"state_class"`
	} `json:"attributes"`
	LastReported time.Time `json:"last_reported"` // zero before 2024.4
	LastUpdated  time.Time `json:"last_updated"`
}

func parseHAState(body []byte) (haState, error) {
	var s haState
	if err := json.Unmarshal(body, &s); err != nil || s.LastUpdated.IsZero() {
		return haState{}, hint(fmt.Errorf("no state of an entity: %w", ErrFormat), "is this the address of Home Assistant, such as http://192.168.1.5:8123?")
	}
	return s, nil
}

// reported is when the value was last said, as far as the state tells.
func (s haState) reported() time.Time {
	if s.LastReported.After(s.LastUpdated) {
		return s.LastReported
	}
	return s.LastUpdated
}

// perUnit is what one of the state is in watts or joules. The state's own unit
// counts: a user may change it, and the number with it.
func (e *haEntity) perUnit(s haState) (float64, error) {
	unit := cmp.Or(s.Attributes.Unit, e.unit)
	if unit == "" {
		return 0, hint(fmt.Errorf("it has no unit: %w", ErrFormat), "set %s.unit of this meter to what the entity is in", e.key)
	}
	per, err := e.of(unit)
	if err != nil {
		return 0, hint(fmt.Errorf("its unit is %s: %w", knownUnit(unit), ErrFormat), "use an entity of %s, in a unit such as %s", e.key, map[string]string{"power": "W", "energy": "kWh"}[e.key])
	}
	return per * e.scale, nil
}

// value is the state in watts or joules.
func (e *haEntity) value(s haState) (float64, error) {
	if e.key == "energy" && s.Attributes.StateClass == "measurement" {
		return 0, hint(fmt.Errorf("its state class is measurement, it is no counter: %w", ErrFormat), "use an entity of the state class total_increasing or total")
	}
	number, err := parseNumber(s.State)
	if err != nil {
		return 0, fmt.Errorf("state: %w", err)
	}
	per, err := e.perUnit(s)
	return number * per, err
}

// step is the least step that a counter printed like this can take.
func (e *haEntity) step(s haState) energy.Joules {
	per, err := e.perUnit(s)
	if err != nil {
		return 0
	}
	return energy.Joules(math.Abs(printedStep(s.State) * per))
}

// knownUnit names a unit that is one of power or energy. Any other word is that
// of whoever answered, and stays out of errors.
func knownUnit(unit string) string {
	_, errPower := parsePowerUnit(unit)
	_, errEnergy := parseEnergyUnit(unit)
	if errPower != nil && errEnergy != nil {
		return "one of neither power nor energy"
	}
	return strings.TrimSpace(unit)
}
