package fake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// The entities of HomeAssistant.
const (
	HAPower  = "sensor.mac_power"  // in W
	HAEnergy = "sensor.mac_energy" // in kWh, total_increasing
)

// More faults, of what holds the values of others.
const (
	UnitChanged Fault = "unit changed" // kW and Wh, as a user may choose, with numbers that go with them
	NoUnit      Fault = "no unit"      // leaves the unit out
	Measurement Fault = "measurement"  // says that the counter is none
	NotReported Fault = "not reported" // hears nothing from the device, and does not know that it should
	TwoSeries   Fault = "two series"   // finds another plug too
	NaN         Fault = "nan"          // has no number
	Ended       Fault = "ended"        // has samples of before, and none that count now
	Infinite    Fault = "infinite"     // has one beyond all
)

// HomeAssistantOptions is what Home Assistant is set to.
type HomeAssistantOptions struct {
	Now   func() time.Time // its clock; nil means time.Now
	Token string           // that it asks for
	// Admin is whether the token is that of an administrator, and so may render
	// templates.
	Admin bool
	Old   bool          // a version before 2024.4, without last_reported
	Every time.Duration // how often the device reports; 0: with each question
}

// HomeAssistant answers as the REST API of Home Assistant does
// (developers.home-assistant.io, "REST API"), with two sensors of a plug. The
// times in a state's JSON stay while it does not change, last_reported too
// (home-assistant/core issue 181392). It answers at api/template to the one
// question for an entity's last report.
type HomeAssistant struct {
	options HomeAssistantOptions
	device  *Device // has the lock, the fault and the meter
	states  map[string]*haState
}

// haState is a sensor's.
type haState struct {
	state, unit       string
	updated, reported time.Time
}

// NewHomeAssistant returns one to which a plug reports.
func NewHomeAssistant(plug Plug, o HomeAssistantOptions) (*HomeAssistant, error) {
	d, err := New(JSON, plug, Options{Now: o.Now})
	if err != nil {
		return nil, err
	}
	o.Now = d.options.Now
	h := &HomeAssistant{options: o, device: d, states: map[string]*haState{HAPower: {}, HAEnergy: {}}}
	return h, nil
}

// SetFault gives Home Assistant a fault, and takes it away with NoFault.
func (h *HomeAssistant) SetFault(f Fault) { h.device.SetFault(f) }

// ServeHTTP answers as Home Assistant.
func (h *HomeAssistant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.device.mu.Lock()
	fault := h.device.fault
	h.device.mu.Unlock()
	w.Header().Set("Date", h.options.Now().UTC().Format(http.TimeFormat))
	switch {
	case h.device.broken(fault, w, r):
	case !same(r.Header.Get("Authorization"), "Bearer "+h.options.Token):
		http.Error(w, "401: Unauthorized", http.StatusUnauthorized)
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/states/"):
		h.answer(w, strings.TrimPrefix(r.URL.Path, "/api/states/"), h.json)
	case r.Method == http.MethodPost && r.URL.Path == "/api/template":
		h.template(w, r)
	default:
		http.Error(w, "404: Not Found", http.StatusNotFound)
	}
}

func (h *HomeAssistant) template(w http.ResponseWriter, r *http.Request) {
	var question struct{ Template string }
	if !h.options.Admin {
		http.Error(w, "401: Unauthorized", http.StatusUnauthorized)
		return
	}
	err := json.NewDecoder(r.Body).Decode(&question)
	_, rest, _ := strings.Cut(question.Template, "states['")
	id, _, found := strings.Cut(rest, "']")
	if err != nil || !found || h.options.Old {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"message":"Error rendering template: UndefinedError: 'None' has no attribute 'state'"}`)
		return
	}
	h.answer(w, id, h.report)
}

// answer writes what is said of an entity.
func (h *HomeAssistant) answer(w http.ResponseWriter, id string, say func(string, *haState) object) {
	h.device.mu.Lock()
	defer h.device.mu.Unlock()
	state, ok := h.states[id]
	if !ok || h.device.fault == NotFound {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"message":"Entity not found."}`)
		return
	}
	h.hear()
	if err := json.NewEncoder(w).Encode(say(id, state)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// hear takes in what the device reports, when it is time.
func (h *HomeAssistant) hear() {
	now := h.options.Now()
	if last := h.states[HAPower].reported; !last.IsZero() && (now.Sub(last) < h.options.Every || h.device.fault == NotReported) {
		return
	}
	l := h.device.lookAt()
	power, powerUnit := fmt.Sprintf("%.1f", float64(l.watts)), "W"
	counter, energyUnit := fmt.Sprintf("%.3f", cut(l.total, energy.JoulesPerKilowattHour)), "kWh"
	switch h.device.fault {
	case UnitChanged:
		power, powerUnit = fmt.Sprintf("%.4f", float64(l.watts)/1e3), "kW"
		counter, energyUnit = fmt.Sprintf("%.0f", cut(l.total, energy.JoulesPerKilowattHour)*1e3), "Wh"
	case Unavailable:
		power, counter = "unavailable", "unknown"
	case NotANumber:
		power, counter = "on", "on"
	case NoUnit:
		powerUnit, energyUnit = "", ""
	}
	h.states[HAPower].take(power, powerUnit, now)
	h.states[HAEnergy].take(counter, energyUnit, now)
}

// cut is a counter in thousandths of a unit, the rest cut off.
func cut(total energy.Joules, unit float64) float64 {
	return float64(int64(float64(total)/unit*1e3+1e-6)) / 1e3
}

func (s *haState) take(state, unit string, now time.Time) {
	if s.state != state || s.unit != unit {
		s.updated = now
	}
	s.state, s.unit, s.reported = state, unit, now
}

func (h *HomeAssistant) json(id string, s *haState) object {
	class, kind := "measurement", "power"
	if id == HAEnergy {
		class, kind = "total_increasing", "energy"
	}
	if h.device.fault == Measurement {
		class = "measurement"
	}
	attributes := object{"state_class": class, "device_class": kind, "friendly_name": "Mac " + kind}
	if s.unit != "" {
		attributes["unit_of_measurement"] = s.unit
	}
	updated := s.updated.UTC().Format("2006-01-02T15:04:05.000000-07:00")
	answer := object{
		"entity_id": id, "state": s.state, "attributes": attributes, "last_changed": updated, "last_updated": updated,
		"context": object{"id": "01HV0000000000000000000000", "parent_id": nil, "user_id": nil},
	}
	if !h.options.Old {
		answer["last_reported"] = updated // not s.reported: the JSON of a state is kept
	}
	return answer
}

func (h *HomeAssistant) report(_ string, s *haState) object {
	return object{"state": s.state, "reported": unixSeconds(s.reported), "now": unixSeconds(h.options.Now())}
}

func unixSeconds(t time.Time) rounded { return rounded{float64(t.UnixMicro()) / 1e6, 6} }
