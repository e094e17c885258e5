package systemmeter

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// parsers are those of the answers of devices, by name, with channel 0.
func parsers() map[string]func([]byte) (Reading, error) {
	places := func(power, counter string) *httpJSON {
		m, _ := newHTTPJSON(Config{Power: ValuePlace{Place: power}, EnergyCounter: ValuePlace{Place: counter, Unit: "Wh"}}, Options{}, nil)
		return m.(*httpJSON)
	}
	return map[string]func([]byte) (Reading, error){
		"gen1":       func(b []byte) (Reading, error) { return parseShellyGen1(b, 0, false) },
		"gen1 em":    func(b []byte) (Reading, error) { return parseShellyGen1(b, 1, true) },
		"gen2":       func(b []byte) (Reading, error) { return parseShellyGen2(b, nil) },
		"gen2 em":    func(b []byte) (Reading, error) { return parseShellyGen2(b, b) },
		"tasmota":    func(b []byte) (Reading, error) { return parseTasmota(b, 0) },
		"tasmota 1":  func(b []byte) (Reading, error) { return parseTasmota(b, 1) },
		"homewizard": parseHomeWizard,
		"json":       places("/p", "/e").parse,
	}
}

func TestAnswers(t *testing.T) {
	const none = -1
	tests := []struct {
		name, parser, body string
		watts, joules      float64 // none: not known
		err                error
	}{
		{"plug", "gen1", `{"meters":[{"power":31.5,"is_valid":true,"counters":[30.1,30.2,30.3],"total":1200}]}`, 31.5, 72000, nil},
		{"relay without a counter", "gen1", `{"meters":[{"power":81.5,"is_valid":true}]}`, 81.5, none, nil},
		{"meter not valid", "gen1", `{"meters":[{"power":0,"is_valid":false,"total":0}]}`, 0, 0, ErrUnavailable},
		{"no meters", "gen1", `{"relays":[{"ison":true}]}`, 0, 0, ErrConfig},
		{"EM, the second clamp", "gen1 em", `{"relays":[],"emeters":[{"power":1,"total":1},{"power":55.02,"is_valid":true,"total":1234.5,"total_returned":7.5}]}`, 55.02, 4444200, nil},
		{"EM with one clamp", "gen1 em", `{"emeters":[{"power":1,"total":1}]}`, 0, 0, ErrConfig},

		{"switch", "gen2", `{"id":0,"apower":22.4,"aenergy":{"total":100.5,"by_minute":[0,0,0],"minute_ts":1}}`, 22.4, 361800, nil},
		{"what was fed back is counted twice", "gen2", `{"apower":5,"aenergy":{"total":100},"ret_aenergy":{"total":40}}`, 5, 216000, nil},
		{"what was fed back is not known", "gen2", `{"apower":5,"aenergy":{"total":100},"ret_aenergy":{"total":null}}`, 5, none, nil},
		{"power null", "gen2", `{"apower":null,"aenergy":{"total":1}}`, none, 3600, nil},
		{"power missing", "gen2", `{"output":false,"aenergy":{"total":1}}`, none, 3600, nil},
		{"counter null", "gen2", `{"apower":7,"aenergy":{"total":null}}`, 7, none, nil},
		{"counter missing", "gen2", `{"apower":7}`, 7, none, nil},
		{"other errors", "gen2", `{"apower":7,"errors":["overtemp"]}`, 7, none, nil},
		{"meter failure", "gen2", `{"apower":0,"aenergy":{"total":0},"errors":["power_meter_failure"]}`, 0, 0, ErrUnavailable},
		{"text", "gen2", `{"apower":"7"}`, 0, 0, ErrFormat},
		{"EM1 with its data", "gen2 em", `{"act_power":12.5,"total_act_energy":10.25,"total_act_ret_energy":3}`, 12.5, 36900, nil},
		{"EM with its data", "gen2 em", `{"total_act_power":12.5,"total_act":10.25,"total_act_ret":3}`, 12.5, 36900, nil},

		{"one channel", "tasmota", `{"StatusSNS":{"ENERGY":{"Total":1.500,"Power":47}}}`, 47, 5.4e6, nil},
		{"two channels, one counter", "tasmota", `{"StatusSNS":{"ENERGY":{"Total":1.500,"Power":[47.5,3]}}}`, 47.5, none, nil},
		{"two channels and counters", "tasmota 1", `{"StatusSNS":{"ENERGY":{"Total":[1.5,0.25],"Power":[47,3.5]}}}`, 3.5, 9e5, nil},
		{"an array of one", "tasmota", `{"StatusSNS":{"ENERGY":{"Total":[1.5],"Power":[47]}}}`, 47, 5.4e6, nil},
		{"no such channel", "tasmota 1", `{"StatusSNS":{"ENERGY":{"Total":1.5,"Power":47}}}`, 0, 0, ErrConfig},
		{"null", "tasmota", `{"StatusSNS":{"ENERGY":{"Total":1.5,"Power":null}}}`, none, 5.4e6, nil},
		{"null in an array", "tasmota", `{"StatusSNS":{"ENERGY":{"Total":[1.5,2],"Power":[null,2]}}}`, none, 5.4e6, nil},
		{"wrong password, in another language", "tasmota", `{"WARNING":"Benutzer=<Benutzername>&Passwort=<Passwort>"}`, 0, 0, ErrUnauthorized},
		{"no sensor", "tasmota", `{"StatusSNS":{"Time":"2026-01-01T00:00:00"}}`, 0, 0, ErrUnavailable},
		{"another command", "tasmota", `{"Command":"Unknown"}`, 0, 0, ErrFormat},
		{"not a number", "tasmota", `{"StatusSNS":{"ENERGY":{"Total":1.5,"Power":"nan"}}}`, 0, 0, ErrFormat},
		{"an object", "tasmota", `{"StatusSNS":{"ENERGY":{"Total":1.5,"Power":{}}}}`, 0, 0, ErrFormat},

		{"socket", "homewizard", `{"active_power_w":77.5,"total_power_import_kwh":2.5,"total_power_import_t1_kwh":2.5,"total_power_export_kwh":0}`, 77.5, 9e6, nil},
		{"tariffs alone", "homewizard", `{"active_power_w":77.5,"total_power_import_t1_kwh":1.5,"total_power_import_t2_kwh":1}`, 77.5, 9e6, nil},
		{"total and tariffs", "homewizard", `{"total_power_import_kwh":2.5,"total_power_import_t1_kwh":1.5,"total_power_import_t2_kwh":1}`, none, 9e6, nil},
		{"power null", "homewizard", `{"active_power_w":null,"total_power_import_kwh":2.5}`, none, 9e6, nil},
		{"power as text", "homewizard", `{"active_power_w":"77"}`, 0, 0, ErrFormat},

		{"numbers", "json", `{"p":12.5,"e":2}`, 12.5, 7200, nil},
		{"text", "json", `{"p":" 12.5 ","e":"2"}`, 12.5, 7200, nil},
		{"one unavailable", "json", `{"p":"unavailable","e":2}`, none, 7200, nil},
		{"one null", "json", `{"p":12.5,"e":null}`, 12.5, none, nil},
		{"missing", "json", `{"p":12.5}`, 0, 0, ErrFormat},
		{"bool", "json", `{"p":true,"e":2}`, 0, 0, ErrFormat},
		{"not finite", "json", `{"p":"Inf","e":2}`, 0, 0, ErrImplausible},
		{"words", "json", `{"p":"much","e":2}`, 0, 0, ErrFormat},
	}
	for name, parse := range parsers() {
		for _, body := range []string{"", "null of", "<html>", "[]", "{", `"x"`, "[1,2"} {
			if _, err := parse([]byte(body)); err == nil {
				t.Errorf("%s takes %q", name, body)
			}
		}
	}
	for _, tt := range tests {
		t.Run(tt.parser+" "+tt.name, func(t *testing.T) {
			r, err := parsers()[tt.parser]([]byte(tt.body))
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err != nil {
				return
			}
			check(t, "W", r.HasPower, float64(r.Power), tt.watts)
			check(t, "J", r.HasEnergy, float64(r.Energy), tt.joules)
		})
	}
}

func check(t *testing.T, unit string, known bool, got, want float64) {
	t.Helper()
	switch {
	case known != (want != -1):
		t.Errorf("%s known %v, want %v", unit, known, want)
	case known && math.Abs(got-want) > 1e-9*want:
		t.Errorf("%v %s, want %v", got, unit, want)
	case !known && got != 0:
		t.Errorf("%v %s though it is not known", got, unit)
	}
}

func TestStepOfTasmotaIsItsLastDigit(t *testing.T) {
	for total, want := range map[string]energy.Joules{"1290.3960": 360, "0.077": 3600, "12": 3.6e6, "3.14159": 36} {
		r, err := parseTasmota([]byte(`{"StatusSNS":{"ENERGY":{"Power":1,"Total":`+total+`}}}`), 0)
		if err != nil || math.Abs(float64(r.Resolution-want)) > 1e-9 {
			t.Errorf("%s: a step of %v J, want %v, error %v", total, r.Resolution, want, err)
		}
	}
}

func TestComponentOfShelly(t *testing.T) {
	const pro = `{"sys":{"mac":"x"},"switch:0":{"id":0,"output":true},"em1:0":{"act_power":1},"em1:1":{"act_power":2},"em1data:0":{"total_act_energy":1}}`
	tests := []struct {
		name, body string
		channel    int
		want       string // in the name or the error
	}{
		{"a plug", `{"switch:0":{"apower":1,"aenergy":{"total":1}}}`, 0, "Switch"},
		{"a plug that starts", `{"switch:0":{"apower":null,"aenergy":{"total":null}}}`, 0, "Switch"},
		{"the fourth of four", `{"switch:0":{"apower":1},"switch:3":{"apower":1}}`, 3, "Switch"},
		{"power meter", `{"pm1:0":{"apower":1}}`, 0, "PM1"},
		{"a relay that measures nothing, and a clamp", pro, 0, "EM1"},
		{"the other clamp", pro, 1, "EM1"},
		{"three phases", `{"em:0":{"total_act_power":1},"emdata:0":{"total_act":1}}`, 0, "EM"},
		{"no such channel", pro, 2, "set channel to one of 0, 1"},
		{"a relay alone", `{"switch:0":{"id":0,"output":true}}`, 0, "it measures no power"},
		{"nothing", `{}`, 0, "it measures no power"},
		{"no JSON", `<html>`, 0, "no valid JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := findShellyComponent([]byte(tt.body), tt.channel)
			text := got.name
			if err != nil {
				text = err.Error()
			}
			if err == nil && got.name != tt.want || !strings.Contains(text, tt.want) {
				t.Errorf("found %q, error %v, want %q", got.name, err, tt.want)
			}
		})
	}
}

// The captures of real devices say what SOURCES.md beside them says they do.
func TestCaptures(t *testing.T) {
	const none = -1
	for name, tt := range map[string]struct {
		parser        string
		watts, joules float64
	}{
		"homewizard_v1_data.json":                 {"homewizard", 543, 30.511 * 3.6e6},
		"shelly_gen1_status.json":                 {"gen1", 0, 23389 * 60},
		"shelly_gen2_switch_getstatus.json":       {"gen2", 47.11, 5.125 * 3600},
		"shelly_gen3_plugs_switch_getstatus.json": {"gen2", 399.2, 2574466.629 * 3600},
		"tasmota_status8_single.json":             {"tasmota", 47.11, 1290.396 * 3.6e6},
		// its counter is that of both channels
		"tasmota_status8_array.json": {"tasmota", 8.15, none},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := parsers()[tt.parser](meterCapture(t, name))
			if err != nil {
				t.Fatal(err)
			}
			check(t, "W", r.HasPower, float64(r.Power), tt.watts)
			check(t, "J", r.HasEnergy, float64(r.Energy), tt.joules)
		})
	}
	info, err := parseShellyInfo(meterCapture(t, "shelly_deviceinfo_gen2.json"))
	if err != nil || info.Gen != 2 || info.locked() {
		t.Errorf("description %+v, error %v", info, err)
	}
}

func meterCapture(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("SOVMETER_CAPTURES")
	if dir == "" {
		t.Skip("SOVMETER_CAPTURES does not name the folder with captures of real devices")
	}
	body, err := os.ReadFile(filepath.Join(dir, "meters", name))
	if err != nil {
		t.Fatal(err)
	}
	return body
}
