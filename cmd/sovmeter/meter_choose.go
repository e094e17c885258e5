package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// meterFlags say which meter, where it is not one of the config.
type meterFlags struct {
	config      *string
	meter       systemmeter.Config
	kind        string
	device      string
	passwordEnv string
	password    string // path of a file
	tokenEnv    string
	token       string // path of a file
}

func (m *meterFlags) add(c *cobra.Command) {
	m.config = configFlag(c)
	f := c.Flags()
	f.StringVar(&m.kind, "kind", "", "a meter that is not in the config: "+words(systemmeter.Kinds()))
	f.StringVar(&m.meter.URL, "url", "", "where it is, such as http://192.168.1.20 or mqtt://192.168.1.2:1883")
	f.IntVar(&m.meter.Channel, "channel", 0, "of a device with several, from 0")
	f.StringVar(&m.meter.User, "user", "", "user name, where it asks for one")
	f.StringVar(&m.password, "password-file", "", "file of mode 0600 with the password")
	f.StringVar(&m.passwordEnv, "password-env", "", "environment variable with the password")
	f.StringVar(&m.token, "token-file", "", "file of mode 0600 with the token")
	f.StringVar(&m.tokenEnv, "token-env", "", "environment variable with the token")
	f.StringVar(&m.meter.Power.Place, "power", "", "where the power is: an entity, a query, a JSON pointer or a topic")
	f.StringVar(&m.meter.Power.Unit, "power-unit", "", "its unit, such as kW (default: what the meter says, or W)")
	f.StringVar(&m.meter.EnergyCounter.Place, "energy", "", "where the energy counter is")
	f.StringVar(&m.meter.EnergyCounter.Unit, "energy-unit", "", "its unit, such as Wh (default: what the meter says, or kWh)")
	f.StringVar(&m.meter.Topic, "topic", "", "the device's topic on MQTT")
	f.StringVar(&m.device, "device", "", "who publishes on MQTT: shelly1, shelly2, tasmota, zigbee2mqtt")
	f.BoolVar(&m.meter.AllowRemote, "allow-remote", false, "the meter may be outside of the local network")
}

// choose returns the meters to test: the one that the flags describe, the one of
// the config that is named, or all that the config names. A Mac's own sensors are
// tested when they are named, or nothing else is there.
func (m *meterFlags) choose(cmd *cobra.Command, names []string) ([]systemmeter.Config, error) {
	if m.kind != "" {
		if len(names) > 0 || cmd.Flags().Changed("config") {
			return nil, &usageError{errors.New("--kind describes a meter of its own: leave out its name and --config")}
		}
		return m.described()
	}
	for _, name := range []string{"url", "channel", "user", "password-file", "password-env", "token-file", "token-env", "power", "power-unit", "energy", "energy-unit", "topic", "device", "allow-remote"} {
		if cmd.Flags().Changed(name) {
			return nil, &usageError{fmt.Errorf("--%s is of a meter that is not in the config: give its --kind too, one of %s", name, words(systemmeter.Kinds()))}
		}
	}
	cfg, err := loadMeters(*m.config)
	var missing *config.MissingError
	if errors.As(err, &missing) {
		return nil, &usageError{&hintError{err, missing.Hint() + ", or describe the meter: --kind shelly --url http://192.168.1.20"}}
	}
	if err != nil {
		return nil, err
	}
	return chosen(cfg, names)
}

// loadMeters loads a config with the secrets of its meters.
func loadMeters(path string) (config.Config, error) {
	cfg, err := config.Load(path, configFormats())
	if err != nil {
		return cfg, err
	}
	err = cfg.ReadSecrets()
	return cfg, err
}

// described is the meter of the flags.
func (m *meterFlags) described() ([]systemmeter.Config, error) {
	c := m.meter
	c.Kind, c.Device = systemmeter.Kind(m.kind), systemmeter.Device(m.device)
	c.Name = m.kind
	if err := m.readSecret(&c); err != nil {
		return nil, &usageError{err}
	}
	if err := systemmeter.Validate(c); err != nil {
		return nil, &usageError{flagFaults(err)}
	}
	return []systemmeter.Config{c}, nil
}

func (m *meterFlags) readSecret(c *systemmeter.Config) error {
	given := 0
	for _, s := range []struct{ flag, env, path string }{
		{"password-file", "", m.password},
		{"password-env", m.passwordEnv, ""},
		{"token-file", "", m.token},
		{"token-env", m.tokenEnv, ""},
	} {
		if s.env == "" && s.path == "" {
			continue
		}
		if given++; given > 1 {
			return fmt.Errorf("--%s: one password or token is enough", s.flag)
		}
		if strings.HasPrefix(s.flag, "token") && c.User != "" {
			return fmt.Errorf("--%s: a token goes without --user", s.flag)
		}
		var err error
		if c.Secret, err = config.ReadSecret(s.env, s.path); err != nil {
			return fmt.Errorf("--%s: %w", s.flag, err)
		}
	}
	return nil
}

// flagFaults says what is wrong with a meter in the words of the flags.
func flagFaults(err error) error {
	var all []error
	for _, fault := range config.MeterFaults(err) {
		flag := strings.NewReplacer("secret", "token-file", "_", "-", ".", "-").Replace(fault.Key)
		all = append(all, fmt.Errorf("--%s %s: %s", flag, fault.Problem, fault.Fix))
	}
	return errors.Join(all...)
}

// chosen returns the meters of the config that are named.
func chosen(cfg config.Config, names []string) ([]systemmeter.Config, error) {
	all := wantedMeters(cfg)
	if len(names) == 0 {
		if len(cfg.Meters) > 0 {
			return cfg.Meters, nil
		}
		if len(all) == 0 {
			return nil, noMeter(cfg)
		}
		return all, nil
	}
	for _, m := range all {
		if m.Name == names[0] {
			return []systemmeter.Config{m}, nil
		}
	}
	if len(all) == 0 {
		return nil, noMeter(cfg)
	}
	known := make([]string, len(all))
	for i, m := range all {
		known[i] = m.Name
	}
	return nil, &usageError{fmt.Errorf("config %s has no meter %q; there are %s", cfg.Path, names[0], strings.Join(known, ", "))}
}

// noMeter says how to get one into a config.
func noMeter(cfg config.Config) error {
	return &usageError{&hintError{
		fmt.Errorf("config %s names no meter", cfg.Path),
		"add one to it: meters: [{name: plug, kind: shelly, url: \"http://192.168.1.20\"}]; sovmeter check --example shows each kind",
	}}
}
