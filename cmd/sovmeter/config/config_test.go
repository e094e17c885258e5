package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/host"
	"github.com/sovmeter/sovmeter/exporter"
)

var formats = []config.Format{{Name: "llamacpp"}, {Name: "jsonl"}, {Name: "dated", Folder: true}, {Name: "asked", Address: true}}

// TestProblems reads the files of testdata. Each carries, in comments that
// begin with "# want: ", every message that it must give, in order.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(data)) {
				if w, ok := strings.CutPrefix(line, "# want: "); ok {
					want = append(want, strings.TrimSpace(w))
				}
			}
			_, err = config.Parse("f", data, formats)
			var got []string
			if err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("messages (-want +got):\n%s", d)
			}
		})
	}
}

func TestExampleIsValid(t *testing.T) {
	c, err := config.Parse("example", []byte(config.Example()), formats)
	if err != nil {
		t.Fatal(err)
	}
	// Every key that is not commented out in the example stands at its default
	// or at a likely value; the default keys must agree with the code.
	if c.Listen != config.DefaultListen || c.Socket != config.DefaultSocket || c.Store != config.DefaultStore ||
		c.Interval != config.DefaultInterval || c.KeepRequests != config.DefaultKeepRequests {
		t.Errorf("the example's defaults differ from the code's: %+v", c)
	}
	if c.Tariff == nil || c.Servers[0].Port != 8080 || c.Servers[0].Processes[0] != "llama-server" {
		t.Errorf("the example was not read: %+v", c)
	}
}

func TestLeftOutKeysHaveDefaults(t *testing.T) {
	c, err := config.Parse("f", []byte("servers: [{name: a, log: /a.log, port: 1}]\ntime_zone: Asia/Kathmandu\n"), formats)
	if err != nil {
		t.Fatal(err)
	}
	if c.Tariff != nil || c.Interval != time.Second || c.Servers[0].Format != "auto" || c.Zone.String() != "Asia/Kathmandu" {
		t.Errorf("got %+v", c)
	}
}

func TestMissingFileSaysHowToWriteOne(t *testing.T) {
	_, err := config.Load(filepath.Join(t.TempDir(), "none.yaml"), formats)
	var hint interface{ Hint() string }
	if !errors.As(err, &hint) || !strings.Contains(hint.Hint(), "sovmeter check --example") {
		t.Errorf("got %v, want an error with a hint", err)
	}
}

// TestNumerals reads numbers that the YAML parser takes for strings.
func TestNumerals(t *testing.T) {
	data, err := os.ReadFile("testdata/exponents.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse("f", data, formats)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Tariff.String(); got != "0.30 EUR/kWh" {
		t.Errorf("3e-1 was read as %s", got)
	}
	if a, b := c.Servers[0].Port, c.Servers[1].Port; a != 8080 || b != 9000 {
		t.Errorf("8.08e3 and 9e3 were read as %d and %d", a, b)
	}
}

// FuzzParse holds every config that is accepted against those who get it.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no testdata", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(config.Example()))
	f.Add([]byte("a: &x [*x]\n---\n!!int b: >\n  c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse("f", data, formats)
		if err != nil {
			var invalid *config.InvalidError
			if !errors.As(err, &invalid) || len(strings.Split(err.Error(), "\n")) != len(invalid.Problems) {
				t.Errorf("want an InvalidError with one line for each problem, got %q", err)
			}
			return
		}
		var servers []host.Server
		for _, s := range c.Servers {
			servers = append(servers, host.Server{Name: s.Name, Processes: s.Processes, Port: s.Port})
		}
		if _, err := host.New(host.Options{Servers: servers, System: host.NewFake(time.Unix(0, 0))}); err != nil {
			t.Errorf("accepted servers that cannot be metered: %v", err)
		}
		if err := exporter.CheckAddress(c.Listen, ""); err != nil && c.WebConfig == "" {
			t.Errorf("accepted an address that is not served: %v", err)
		}
		if c.Tariff != nil {
			if err := acceptedTariff(*c.Tariff); err != nil {
				t.Errorf("accepted a tariff that cannot be used: %v", err)
			}
		}
	})
}
