package systemmeter

import (
	"errors"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/collector/energy"
)

func mustParse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// nearly lets units differ in the last bits.
func nearly() cmp.Option {
	same := func(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(a) }
	return cmp.Options{
		cmp.Comparer(func(a, b energy.Watts) bool { return same(float64(a), float64(b)) }),
		cmp.Comparer(func(a, b energy.Joules) bool { return same(float64(a), float64(b)) }),
	}
}

func watts(w energy.Watts) Reading { return Reading{Power: w, HasPower: true} }

func counted(r Reading, j, step energy.Joules) Reading {
	r.Energy, r.HasEnergy, r.Resolution = j, true, step
	return r
}

// The payloads have the shape that the makers document, with other values.
func TestMQTTPayloads(t *testing.T) {
	shelly := func() *shelly2Parser { return &shelly2Parser{channel: "0"} }
	for _, tc := range []struct {
		name    string
		parse   mqttParser
		payload string
		want    Reading
		err     error
	}{
		{"shelly1 power", wattsParser, "41.25", watts(41.25), nil},
		{"shelly1 counter", shelly1Counter, "23389", counted(Reading{}, 23389*60, 60), nil},
		{"shelly1 no number", wattsParser, "on", Reading{}, ErrFormat},
		{"shelly1 nan", wattsParser, "nan", Reading{}, ErrImplausible},
		{"shelly2 status", shelly().status, `{"id":0,"apower":12.5,"aenergy":{"total":5.125,"minute_ts":1}}`, counted(watts(12.5), 5.125*3600, 3.6), nil},
		{"shelly2 both ways", shelly().status, `{"id":0,"apower":12.5,"aenergy":{"total":5.125},"ret_aenergy":{"total":0.125}}`, counted(watts(12.5), 5*3600, 3.6), nil},
		{"shelly2 em1", shelly().status, `{"id":0,"act_power":12.5}`, watts(12.5), nil},
		{"shelly2 em1data", shelly().status, `{"id":0,"total_act_energy":100.25,"total_act_ret_energy":3}`, counted(Reading{}, 100.25*3600, 36), nil},
		{"shelly2 em", shelly().status, `{"id":0,"a_act_power":1,"total_act_power":12.5}`, watts(12.5), nil},
		{"shelly2 emdata", shelly().status, `{"id":0,"total_act":100.25}`, counted(Reading{}, 100.25*3600, 36), nil},
		{"shelly2 input", shelly().status, `{"id":0,"state":true}`, Reading{}, nil},
		{"shelly2 null", shelly().status, `{"id":0,"apower":null,"aenergy":null}`, Reading{}, nil},
		{"shelly2 broken", shelly().status, `{"id":0,"apower":0,"errors":["power_meter_failure"]}`, Reading{}, ErrUnavailable},
		{"shelly2 notification", shelly().notification, `{"src":"s","method":"NotifyStatus","params":{"ts":1.2,"switch:0":{"id":0,"apower":7}}}`, watts(7), nil},
		{"shelly2 other channel", shelly().notification, `{"src":"s","method":"NotifyStatus","params":{"ts":1.2,"switch:1":{"id":1,"apower":7}}}`, Reading{}, nil},
		{"shelly2 two components", shelly().notification, `{"method":"NotifyFullStatus","params":{"em1:0":{"act_power":7},"em1data:0":{"total_act_energy":1}}}`, counted(watts(7), 3600, 3600), nil},
		{"shelly2 event", shelly().notification, `{"method":"NotifyEvent","params":{"ts":1,"events":[]}}`, Reading{}, nil},
		{"shelly2 text", shelly().notification, `{"method":"NotifyStatus","params":{"switch:0":{"apower":"x"}}}`, Reading{}, ErrFormat},
		{"tasmota", tasmotaParser(0), `{"Time":"t","ENERGY":{"Total":1.250,"Power":39}}`, counted(watts(39), 1.25*3.6e6, 3600), nil},
		{"tasmota status 8", tasmotaParser(0), `{"StatusSNS":{"ENERGY":{"Total":1.25000,"Power":39.5}}}`, counted(watts(39.5), 1.25*3.6e6, 36), nil},
		{"tasmota array", tasmotaParser(1), `{"ENERGY":{"Total":1.250,"Power":[39,8]}}`, watts(8), nil},
		{"tasmota arrays", tasmotaParser(1), `{"ENERGY":{"Total":[1.250,0.5],"Power":[39,8]}}`, counted(watts(8), 0.5*3.6e6, 360e3), nil},
		{"tasmota no such outlet", tasmotaParser(2), `{"ENERGY":{"Total":1.250,"Power":[39,8]}}`, Reading{}, ErrConfig},
		{"tasmota no meter", tasmotaParser(0), `{"Time":"t","Switch1":"ON"}`, Reading{}, ErrUnavailable},
		{"zigbee", zigbeeParser(0), `{"energy":1.25,"power":39.1,"linkquality":80}`, counted(watts(39.1), 1.25*3.6e6, 36e3), nil},
		{"zigbee two outlets", zigbeeParser(1), `{"energy_l1":9,"energy_l2":1.25,"power_l1":9,"power_l2":39.1}`, counted(watts(39.1), 1.25*3.6e6, 36e3), nil},
		{"zigbee other", zigbeeParser(0), `{"action":"single"}`, Reading{}, nil},
		{"zigbee text", zigbeeParser(0), `{"power":true}`, Reading{}, ErrFormat},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.parse([]byte(tc.payload))
			if !errors.Is(err, tc.err) || (err == nil) != (tc.err == nil) {
				t.Fatalf("error %v, want %v", err, tc.err)
			}
			if diff := cmp.Diff(tc.want, got.Reading, nearly()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What flowed back is told once, and taken off later counters too.
func TestShelly2RemembersReturned(t *testing.T) {
	s := &shelly2Parser{channel: "0"}
	if _, err := s.status([]byte(`{"aenergy":{"total":10},"ret_aenergy":{"total":4}}`)); err != nil {
		t.Fatal(err)
	}
	u, err := s.notification([]byte(`{"method":"NotifyStatus","params":{"switch:0":{"aenergy":{"total":11}}}}`))
	if err != nil || u.Energy != 7*3600 {
		t.Errorf("got %v and %v, want 7 Wh", u.Energy, err)
	}
}

func TestMQTTPresence(t *testing.T) {
	for payload, want := range map[string]presence{
		"online": presenceOnline, "Online": presenceOnline, "true": presenceOnline, `{"state":"online"}`: presenceOnline,
		"offline": presenceOffline, "Offline": presenceOffline, "false": presenceOffline, `{"state":"offline"}`: presenceOffline,
	} {
		if got, err := presenceParser([]byte(payload)); err != nil || got.presence != want {
			t.Errorf("%s: %v and %v, want %v", payload, got.presence, err, want)
		}
	}
	if _, err := presenceParser([]byte("perhaps")); !errors.Is(err, ErrFormat) {
		t.Errorf("got %v, want ErrFormat", err)
	}
}

func TestMQTTFreeTopics(t *testing.T) {
	topics, err := mqttTopics(Config{
		Power:         ValuePlace{Place: "a#/m/0/p", Unit: "kW"},
		EnergyCounter: ValuePlace{Place: "a#/m/0/e", Unit: "Wmin", Scale: 10},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		payload string
		want    Reading
		err     error
	}{
		{`{"m":[{"p":0.05,"e":"7.5"}]}`, counted(watts(50), 4500, 60), nil},
		{`{"m":[{"p":0.05}]}`, watts(50), nil},
		{`{"m":[{"p":null,"e":1}]}`, counted(Reading{}, 600, 600), nil},
		{`{"m":[]}`, Reading{}, ErrFormat},
		{`{"m":[{"p":true,"e":{}}]}`, Reading{}, ErrFormat},
	} {
		got, err := topics[0].parse([]byte(tc.payload))
		if !errors.Is(err, tc.err) || (err == nil) != (tc.err == nil) {
			t.Errorf("%s: error %v, want %v", tc.payload, err, tc.err)
		}
		if diff := cmp.Diff(tc.want, got.Reading, nearly()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.payload, diff)
		}
	}
}

// What real devices answer over HTTP they publish too, as it is.
func TestMQTTCaptures(t *testing.T) {
	dir := os.Getenv("SOVMETER_CAPTURES")
	if dir == "" {
		t.Skip("SOVMETER_CAPTURES is not set: no captures of real devices")
	}
	for _, tc := range []struct {
		file  string
		parse mqttParser
		want  Reading
	}{
		{"shelly_gen2_switch_getstatus.json", (&shelly2Parser{channel: "0"}).status, counted(watts(47.11), 5.125*3600, 3.6)},
		{"shelly_gen3_plugs_switch_getstatus.json", (&shelly2Parser{channel: "0"}).status, counted(watts(399.2), 2574466.629*3600, 3.6)},
		{"tasmota_status8_single.json", tasmotaParser(0), counted(watts(47.11), 1290.396*3.6e6, 360)},
		{"tasmota_status8_array.json", tasmotaParser(0), watts(8.15)},
	} {
		payload, err := os.ReadFile(filepath.Join(dir, "meters", tc.file))
		if err != nil {
			t.Fatal(err)
		}
		got, err := tc.parse(payload)
		if err != nil {
			t.Fatalf("%s: %v", tc.file, err)
		}
		if diff := cmp.Diff(tc.want, got.Reading, nearly()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.file, diff)
		}
	}
}

func FuzzMQTTPayload(f *testing.F) {
	for _, seed := range []string{
		"41.25", "nan", "1e400", `{"id":0,"apower":12.5,"aenergy":{"total":5.125}}`, `{"method":"NotifyStatus","params":{"switch:0":{"apower":7}}}`,
		`{"ENERGY":{"Total":[1.25],"Power":[39,8]}}`, `{"StatusSNS":{"ENERGY":null}}`, `{"energy":1.25,"power":"39.1"}`, `{"values":{"power":"7"}}`, "offline",
	} {
		f.Add([]byte(seed))
	}
	free, err := mqttTopics(mqttConfig("json"))
	if err != nil {
		f.Fatal(err)
	}
	parsers := []mqttParser{wattsParser, shelly1Counter, tasmotaParser(1), zigbeeParser(0), presenceParser, free[0].parse}
	f.Fuzz(func(t *testing.T, payload []byte) {
		s := &shelly2Parser{channel: "0"}
		for i, parse := range append(parsers, s.status, s.notification) {
			u, err := parse(payload)
			if err != nil && u != (mqttUpdate{}) {
				t.Errorf("parser %d: %+v with error %v", i, u, err)
			}
			if !finite(float64(u.Resolution)) || u.Resolution < 0 || math.IsNaN(float64(u.Power)) || math.IsNaN(float64(u.Energy)) {
				t.Errorf("parser %d: %+v", i, u)
			}
		}
	})
}
