package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// TestMetersAreReadWhole compares what a config comes to with what it says.
func TestMetersAreReadWhole(t *testing.T) {
	data, err := os.ReadFile("testdata/meters.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("f", data, formats)
	if err != nil {
		t.Fatal(err)
	}
	want := []systemmeter.Config{
		{
			Name: "plug", Kind: systemmeter.KindShelly, URL: "http://192.168.1.20", Channel: 1, User: "admin",
			Every: time.Second, Lag: 500 * time.Millisecond, MaxAge: 5 * time.Second, MaxWatts: 400, Accuracy: 0.01,
		},
		{Name: "tasmota", Kind: systemmeter.KindTasmota, URL: "http://plug.local"},
		{Name: "homewizard", Kind: systemmeter.KindHomeWizard, URL: "http://192.168.1.21"},
		{
			Name: "ha", Kind: systemmeter.KindHomeAssistant, URL: "http://homeassistant.local:8123",
			Power: systemmeter.ValuePlace{Place: "sensor.mac_power"}, EnergyCounter: systemmeter.ValuePlace{Place: "sensor.mac_energy", Unit: "kWh"},
		},
		{
			Name: "prom", Kind: systemmeter.KindPrometheus, URL: "https://prometheus.example.org", User: "me", AllowRemote: true,
			Power: systemmeter.ValuePlace{Place: `shelly_power{plug="mac"}`},
		},
		{
			Name: "own", Kind: systemmeter.KindHTTP, URL: "http://127.0.0.1:9000/values?of=mac",
			Power:  systemmeter.ValuePlace{Place: "/meters/0/power", Unit: "kW", Scale: -1},
			Header: map[string]systemmeter.Secret{"X-Api-Key": {}, "X-Other-Key": {}, "Accept": systemmeter.NewSecret("application/json")},
		},
		{Name: "mqtt", Kind: systemmeter.KindMQTT, URL: "mqtt://192.168.1.2:1883", Topic: "shellies/mac", Device: systemmeter.DeviceShellyGen1},
		{Name: "smc", Kind: systemmeter.KindSMC},
		{Name: "inside", Kind: systemmeter.KindBattery},
	}
	if d := cmp.Diff(want, c.Meters, cmp.Comparer(func(a, b systemmeter.Secret) bool { return a == b })); d != "" {
		t.Errorf("meters (-want +got):\n%s", d)
	}
	if c.BuiltInMeters {
		t.Error("the meters in the machine are read, the config says not to")
	}
}

const homeAssistant = "meters: [{name: ha, kind: homeassistant, url: \"http://10.0.0.1\", power: sensor.p, KEY}]\n"

// TestSecretsAreRead reads them from the environment and from files, and what
// is read is the value alone.
func TestSecretsAreRead(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "token")
	write(t, file, "from the file\n")
	t.Setenv("SOVMETER_TEST_TOKEN", "from the environment")
	for key, want := range map[string]string{
		"token_file: " + file: "from the file", "token_env: SOVMETER_TEST_TOKEN": "from the environment",
	} {
		c := load(t, strings.ReplaceAll(homeAssistant, "KEY", key))
		if c.Meters[0].Secret.Known() {
			t.Errorf("%s: read before anybody asked", key)
		}
		if err := c.ReadSecrets(); err != nil {
			t.Fatal(err)
		}
		if c.Meters[0].Secret != systemmeter.NewSecret(want) {
			t.Errorf("%s: another secret was read", key)
		}
	}
	c := load(t, "meters: [{name: own, kind: http, url: \"http://10.0.0.1\", power: /p, headers: {X-A-Key: {file: "+file+"}, X-B-Key: {env: SOVMETER_TEST_TOKEN}, X-C: c}}]\n")
	if err := c.ReadSecrets(); err != nil {
		t.Fatal(err)
	}
	want := map[string]systemmeter.Secret{
		"X-A-Key": systemmeter.NewSecret("from the file"), "X-B-Key": systemmeter.NewSecret("from the environment"), "X-C": systemmeter.NewSecret("c"),
	}
	if d := cmp.Diff(want, c.Meters[0].Header, cmp.Comparer(func(a, b systemmeter.Secret) bool { return a == b }), cmpopts.EquateEmpty()); d != "" {
		t.Errorf("headers differ:\n%s", d)
	}
}

func load(t *testing.T, text string) config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "c.yaml")
	write(t, file, text)
	c, err := config.Load(file, formats)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSecretsThatCannotBeUsed: what is wrong with a file shows when the config
// is loaded, and what is in it or in the environment when it is read.
func TestSecretsThatCannotBeUsed(t *testing.T) {
	const hunter = "hunter2"
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"group": 0o640, "others": 0o604} {
		write(t, filepath.Join(dir, name), hunter)
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"empty": " \n", "lines": hunter + "\n" + hunter, "long": strings.Repeat(hunter, 1000)} {
		write(t, filepath.Join(dir, name), text)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOVMETER_TEST_EMPTY", "")
	for _, tt := range []struct{ name, key, want string }{
		{"group", "token_file: D/group", `token_file: got "D/group", which may be read by others (mode 0640), want mode 0600: chmod 600 D/group`},
		{"others", "token_file: D/others", `token_file: got "D/others", which may be read by others (mode 0604), want mode 0600: chmod 600 D/others`},
		{"folder", "token_file: D", `token_file: got "D", which is a folder, want the file with the secret itself`},
		{"pipe", "token_file: D/pipe", `token_file: got "D/pipe", which is a pipe, want the file with the secret itself`},
		{"none", "token_file: D/none", `token_file: got "D/none": no such file or directory, want a file of mode 0600 that holds the secret alone`},
		{"empty", "token_file: D/empty", `token_file: leads to D/empty, which holds no secret, want one line of it`},
		{"lines", "token_file: D/lines", `token_file: leads to D/lines, which holds no secret, want one line of it`},
		{"long", "token_file: D/long", `token_file: leads to D/long, which holds no secret, want one line of it`},
		{"unset", "token_env: SOVMETER_TEST_UNSET", `token_env: names an environment variable that is not set here, want it set, or the secret in a file: launchd gives the daemon no variables`},
		{"empty variable", "token_env: SOVMETER_TEST_EMPTY", `token_env: leads to SOVMETER_TEST_EMPTY, which holds no secret, want one line of it`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "c.yaml")
			write(t, file, strings.ReplaceAll(homeAssistant, "KEY", strings.ReplaceAll(tt.key, "D", dir)))
			c, err := config.Load(file, formats)
			if err == nil {
				err = c.ReadSecrets()
			}
			var invalid *config.InvalidError
			if !errors.As(err, &invalid) || len(invalid.Problems) != 1 {
				t.Fatalf("got %v, want one problem", err)
			}
			p := invalid.Problems[0]
			if got := strings.ReplaceAll(strings.TrimPrefix(p.Key, "meters[0].")+": "+p.Text, dir, "D"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if p.Line != 1 || p.Column == 0 {
				t.Errorf("place %d:%d, want one in line 1", p.Line, p.Column)
			}
			if strings.Contains(err.Error(), hunter) {
				t.Errorf("the error has the secret in it: %v", err)
			}
		})
	}
}
