package systemmeter_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

func TestConfigFaultsNameTheKeyAndTheFix(t *testing.T) {
	shelly := shellyConfig()
	anyJSON := systemmeter.Config{
		Name: "m", Kind: systemmeter.KindHTTP, URL: "http://192.168.1.20/state", Power: systemmeter.ValuePlace{Place: "/power"},
	}
	with := func(c systemmeter.Config, change func(*systemmeter.Config)) systemmeter.Config {
		change(&c)
		return c
	}
	type config = systemmeter.Config
	tests := []struct {
		name   string
		config config
		want   []string // each in the error; none: it is good
	}{
		{"good", shelly, nil},
		{"good with all", with(shelly, func(c *config) {
			c.Channel, c.User, c.Secret, c.Every, c.MaxAge, c.Lag = 1, "admin", systemmeter.NewSecret("x"), time.Second, time.Minute, time.Second
			c.MaxWatts, c.Accuracy, c.AllowRemote = 300, 0.01, true
		}), nil},
		{"good json", anyJSON, nil},
		{"json with a query", with(anyJSON, func(c *config) { c.URL += "?key=1" }), nil},
		{"whole document", with(anyJSON, func(c *config) { c.Power.Place = "#" }), nil},
		{"unknown kind", with(shelly, func(c *config) { c.Kind = "shely" }), []string{`kind: "shely" is not known`, "shelly", "homewizard"}},
		{"no kind", config{}, []string{`kind: "" is not known`}},
		{"no name", with(shelly, func(c *config) { c.Name = "" }), []string{"name: is missing"}},
		{"no url", with(shelly, func(c *config) { c.URL = "" }), []string{"url: is missing", "http://192.168.1.20"}},
		{"bare address", with(shelly, func(c *config) { c.URL = "192.168.1.20" }), []string{"url: does not begin with http, https", "http://192.168.1.20"}},
		{"bare address and port", with(shelly, func(c *config) { c.URL = "192.168.1.20:80" }), []string{"url: is not a URL"}},
		{"another scheme", with(shelly, func(c *config) { c.URL = "mqtt://192.168.1.20" }), []string{"url: does not begin with http, https"}},
		{"no host", with(shelly, func(c *config) { c.URL = "http:///status" }), []string{"url: names no host"}},
		{"password in the url", with(shelly, func(c *config) { c.URL = "http://a:b@192.168.1.20" }), []string{"url: holds a user or password", "user and secret"}},
		{"query", with(shelly, func(c *config) { c.URL += "/?id=1" }), []string{"url: holds a query"}},
		{"fragment", with(anyJSON, func(c *config) { c.URL += "#/power" }), []string{"url: holds a fragment"}},
		{"superfluous", with(shelly, func(c *config) {
			c.Power.Place, c.EnergyCounter.Place, c.Topic, c.Device = "/p", "/e", "t", systemmeter.DeviceTasmota
			c.Header = map[string]systemmeter.Secret{"X": systemmeter.NewSecret("y")}
		}), []string{"power: is not used by a meter of kind shelly", "energy: is not", "topic: is not", "device: is not", "header: is not", "take it out"}},
		{"url of the SMC", config{Name: "s", Kind: systemmeter.KindSMC, URL: "http://x"}, []string{"url: is not used by a meter of kind smc"}},
		{"secret of HomeWizard", config{Name: "h", Kind: systemmeter.KindHomeWizard, URL: "http://x", Secret: systemmeter.NewSecret("x")}, []string{"secret: is not used"}},
		{"no place", with(anyJSON, func(c *config) { c.Power = systemmeter.ValuePlace{} }), []string{"power: and energy are both missing"}},
		{"no pointer", with(anyJSON, func(c *config) { c.Power.Place = "power" }), []string{`power: "power" is no JSON pointer`, "/meters/0/power"}},
		{"unit without place", with(anyJSON, func(c *config) { c.EnergyCounter.Unit = "kWh" }), []string{"energy: has a unit or scale but no place"}},
		{"energy unit of power", with(anyJSON, func(c *config) { c.Power.Unit = "kWh" }), []string{`power.unit: "kWh" is no unit of power`, "kW"}},
		{"power unit of energy", with(anyJSON, func(c *config) { c.EnergyCounter = systemmeter.ValuePlace{Place: "/e", Unit: "W"} }), []string{`energy.unit: "W" is no unit of energy`, "Wmin"}},
		{"endless scale", with(anyJSON, func(c *config) { c.Power.Scale = math.Inf(1) }), []string{"power.scale: is not a finite number"}},
		{"header name", with(anyJSON, func(c *config) {
			c.Header = map[string]systemmeter.Secret{"X Key": systemmeter.NewSecret("y")}
		}), []string{`header: "X Key" is no name of a header`}},
		{"header value", with(anyJSON, func(c *config) {
			c.Header = map[string]systemmeter.Secret{"X-Key": systemmeter.NewSecret("y\n")}
		}), []string{"header.X-Key: holds a line break"}},
		{"secret with a line break", with(shelly, func(c *config) { c.Secret = systemmeter.NewSecret("y\n") }), []string{"secret: holds a line break"}},
		{"no device on MQTT", config{Name: "m", Kind: systemmeter.KindMQTT, URL: "mqtt://192.168.1.2"}, []string{"device: is missing", "tasmota"}},
		{"wildcard on MQTT", config{Name: "m", Kind: systemmeter.KindMQTT, URL: "mqtt://192.168.1.2", Device: systemmeter.DeviceTasmota, Topic: "+"}, []string{"topic: ", "wildcard"}},
		{"no entity", config{
			Name: "h", Kind: systemmeter.KindHomeAssistant, URL: "http://x", Secret: systemmeter.NewSecret("x"),
			Power: systemmeter.ValuePlace{Place: "sensor.p"}, EnergyCounter: systemmeter.ValuePlace{Place: "Energy"},
		}, []string{`energy: "Energy" is no entity`}},
		{"no token", config{Name: "h", Kind: systemmeter.KindHomeAssistant, URL: "http://x", Power: systemmeter.ValuePlace{Place: "sensor.p"}}, []string{"secret: is missing"}},
		{"times", with(shelly, func(c *config) { c.Every, c.Lag, c.MaxAge = -1, -1, -1 }), []string{"every: is below 0", "lag: is below 0", "max_age: is below 0"}},
		{"too often", with(shelly, func(c *config) { c.Every = time.Millisecond }), []string{"every: is below 100ms"}},
		{"channel", with(shelly, func(c *config) { c.Channel = -1 }), []string{"channel: is below 0"}},
		{"watts", with(shelly, func(c *config) { c.MaxWatts = -1 }), []string{"max_watts: is not a power"}},
		{"accuracy", with(shelly, func(c *config) { c.Accuracy = 2 }), []string{"accuracy: is not from 0 to 1"}},
		{"accuracy not a number", with(shelly, func(c *config) { c.Accuracy = math.NaN() }), []string{"accuracy: is not from 0 to 1"}},
		{"all at once", with(shelly, func(c *config) { c.Name, c.URL, c.Channel = "", "", -2 }), []string{"name: ", "url: ", "channel: "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := systemmeter.Open(tt.config, systemmeter.Options{})
			if alone := systemmeter.Validate(tt.config); fmt.Sprint(alone) != fmt.Sprint(err) {
				t.Errorf("to open says %v, to validate %v", err, alone)
			}
			if len(tt.want) == 0 {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				m.Close()
				return
			}
			if !errors.Is(err, systemmeter.ErrConfig) {
				t.Fatalf("error %v, want %v", err, systemmeter.ErrConfig)
			}
			var key *systemmeter.KeyError
			if !errors.As(err, &key) || key.Fix == "" {
				t.Errorf("no key with a fix in %#v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q lacks %q", err, want)
				}
			}
		})
	}
}

func TestEveryKindHasDefaults(t *testing.T) {
	for _, kind := range systemmeter.Kinds() {
		c := systemmeter.Config{Kind: kind}.WithDefaults()
		if c.Every <= 0 || c.MaxAge < 2*c.Every || c.MaxWatts != systemmeter.DefaultMaxWatts || c.Accuracy <= 0 {
			t.Errorf("%s: %+v", kind, c)
		}
	}
	if plug := shellyConfig().WithDefaults(); plug.Every != 2*time.Second || plug.MaxAge != 30*time.Second {
		t.Errorf("plug: every %v, at most %v old", plug.Every, plug.MaxAge)
	}
	if own := (systemmeter.Config{Every: time.Minute, MaxAge: time.Hour, MaxWatts: 9, Accuracy: 0.5}).WithDefaults(); own.Every != time.Minute ||
		own.MaxAge != time.Hour || own.MaxWatts != 9 || own.Accuracy != 0.5 {
		t.Errorf("own values are lost: %+v", own)
	}
}

func TestLagOfTheConfigMakesReadingsOlder(t *testing.T) {
	d := devices()[2]
	d.config.Lag = 3 * time.Second
	m := newMachine()
	_, meter := opened(t, d, m, "")
	r, err := meter.Read(t.Context())
	if err != nil || !r.At.Equal(m.now().Add(-3*time.Second)) || r.Lag != 3*time.Second {
		t.Errorf("at %v, lag %v, error %v", r.At, r.Lag, err)
	}
}

func TestResultsAreAClosedSet(t *testing.T) {
	all := systemmeter.Results()
	if len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Errorf("results repeat: %v", all)
	}
}
