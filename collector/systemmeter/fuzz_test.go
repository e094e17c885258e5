package systemmeter

import (
	"math"
	"testing"
)

// What a parser takes is finite, and nothing is left in what is not known.
func fuzzParser(f *testing.F, parse func([]byte, int) (Reading, error), seeds ...string) {
	for _, seed := range append(seeds, "", "null", "[]", "{}", "<html>", `{"a":`) {
		f.Add([]byte(seed), 0)
		f.Add([]byte(seed), 1)
	}
	f.Fuzz(func(t *testing.T, body []byte, channel int) {
		if channel < 0 || len(body) > maxAnswer {
			return
		}
		r, err := parse(body, channel)
		switch {
		case err != nil && r != (Reading{}):
			t.Errorf("half a reading beside an error: %+v", r)
		case !r.HasPower && r.Power != 0, !r.HasEnergy && r.Energy != 0:
			t.Errorf("a value that is not known: %+v", r)
		case math.IsNaN(float64(r.Power)), math.IsNaN(float64(r.Energy)), math.IsNaN(float64(r.Resolution)):
			t.Errorf("not a number: %+v", r)
		}
	})
}

func FuzzShellyGen1(f *testing.F) {
	fuzzParser(f, func(b []byte, channel int) (Reading, error) { return parseShellyGen1(b, channel, channel%2 == 1) },
		`{"meters":[{"power":31.5,"is_valid":true,"counters":[1,2,3],"total":1200},{"power":null}],"emeters":[{"power":-2,"total":1.5}]}`)
}

func FuzzShellyGen2(f *testing.F) {
	fuzzParser(f, func(b []byte, channel int) (Reading, error) {
		if _, err := findShellyComponent(b, channel); err == nil && channel == 0 {
			return Reading{}, nil
		}
		if channel%2 == 1 {
			return parseShellyGen2(b, b)
		}
		return parseShellyGen2(b, nil)
	}, `{"id":0,"apower":22.4,"aenergy":{"total":100.5},"ret_aenergy":{"total":1}}`, `{"act_power":1,"total_act_energy":2,"errors":["x"]}`,
		`{"switch:0":{"apower":null},"em1:1":{"act_power":1},"em:0":{"total_act_power":1}}`)
}

func FuzzShellyInfo(f *testing.F) {
	f.Add([]byte(`{"type":"SHPLG-S","mac":"A","auth":true}`))
	f.Add([]byte(`{"id":"x","mac":"A","gen":2,"auth_en":false}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		info, err := parseShellyInfo(body)
		if err == nil && info.MAC == "" {
			t.Errorf("a Shelly without an address: %+v", info)
		}
	})
}

func FuzzTasmota(f *testing.F) {
	fuzzParser(f, parseTasmota, `{"StatusSNS":{"ENERGY":{"Total":1.500,"Power":47}}}`,
		`{"StatusSNS":{"ENERGY":{"Total":[1.5,0.2],"Power":[47,null]}}}`, `{"WARNING":"Need user"}`, `{"StatusSNS":{"ENERGY":{"Total":1e999}}}`)
}

func FuzzHomeWizard(f *testing.F) {
	fuzzParser(f, func(b []byte, _ int) (Reading, error) { return parseHomeWizard(b) },
		`{"active_power_w":77.5,"total_power_import_kwh":2.5}`, `{"active_power_w":null,"total_power_import_t1_kwh":2.5}`)
}

func FuzzHTTPJSON(f *testing.F) {
	m, err := newHTTPJSON(Config{Power: ValuePlace{Place: "/a/0/p~1q"}, EnergyCounter: ValuePlace{Place: "/e", Unit: "Wmin"}}, Options{}, nil)
	if err != nil {
		f.Fatal(err)
	}
	fuzzParser(f, func(b []byte, _ int) (Reading, error) { return m.(*httpJSON).parse(b) },
		`{"a":[{"p/q":12.5}],"e":"7"}`, `{"a":[{"p/q":"unknown"}],"e":1e308}`, `{"a":{"0":{}},"e":"NaN"}`)
}

func FuzzUnits(f *testing.F) {
	for _, seed := range []string{"W", "kWh", "Wmin", "µJ", "mw", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if u, err := parsePowerUnit(name); err == nil && u <= 0 {
			t.Errorf("%q is %v W", name, u)
		}
		if u, err := parseEnergyUnit(name); err == nil && u <= 0 {
			t.Errorf("%q is %v J", name, u)
		}
	})
}

func FuzzPointer(f *testing.F) {
	for _, seed := range []string{"", "#", "/a/0", "#/a~1b/~0", "/-", "/01", "x"} {
		f.Add(seed, []byte(`{"a":[1,"2",null],"a/b":{"~":3}}`))
	}
	f.Fuzz(func(t *testing.T, place string, body []byte) {
		at, err := parsePointer(place)
		if err != nil {
			return
		}
		document, err := decodeJSON(body)
		if err != nil {
			return
		}
		if v, err := numberAt(document, at); err == nil && !finite(v) {
			t.Errorf("%q: %v", place, v)
		}
	})
}
