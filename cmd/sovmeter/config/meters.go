package config

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// MaxMeters is how many meters a config may name: each is a label in metrics
// and a device that is asked all day.
const MaxMeters = 16

// meterEntry is a meter with the key that it was read under, such as meters[0].
type meterEntry struct {
	systemmeter.Config
	key     string
	secrets []secretPlace
}

func (c *Config) readMeters(r *reader, n ast.Node, key string) {
	var entries []meterEntry
	r.sequence(n, key, "a list of meters of the whole machine", func(n ast.Node, key string) {
		before := len(r.problems)
		e := meterEntry{key: key}
		ok := r.mapping(n, key, r.meterFields(&e))
		r.sayWhereSecretsGo(before, key)
		if !ok {
			return
		}
		r.checkMeterName(e, entries)
		if !r.given(key + ".kind") {
			r.problemAt(key+".kind", "missing, want one of %s", kindNames())
		}
		r.checkSecretPlaces(&e)
		if len(r.problems) == before { // else the same would be said twice
			r.validateMeter(e)
		}
		entries = append(entries, e)
	})
	if len(entries) > MaxMeters {
		r.problem(n, key, "got %d meters, want %d at most", len(entries), MaxMeters)
	}
	for i, e := range entries {
		c.Meters = append(c.Meters, e.Config)
		for _, s := range e.secrets {
			s.meter = i
			s.line, s.column = position(r.places[s.key].node)
			c.secrets = append(c.secrets, s)
		}
	}
}

// meterFields are the keys of a meter. What a kind does not take is found by
// validateMeter.
func (r *reader) meterFields(e *meterEntry) []field {
	return []field{
		{"name", func(n ast.Node, k string) { e.Name = r.label(n, k) }},
		{"kind", func(n ast.Node, k string) { e.Kind = r.meterKind(n, k) }},
		{"url", func(n ast.Node, k string) { e.URL = r.meterAddress(n, k) }},
		{"channel", func(n ast.Node, k string) { e.Channel = r.channel(n, k) }},
		{"user", func(n ast.Node, k string) { e.User = r.meterText(n, k, "a user's name") }},
		{"password_env", r.secretEnv(e)},
		{"password_file", r.secretFile(e)},
		{"token_env", r.secretEnv(e)},
		{"token_file", r.secretFile(e)},
		{"power", func(n ast.Node, k string) { e.Power = r.valuePlace(n, k, "W") }},
		{"energy", func(n ast.Node, k string) { e.EnergyCounter = r.valuePlace(n, k, "kWh") }},
		{"topic", func(n ast.Node, k string) {
			e.Topic = r.meterText(n, k, "the topic of a device, such as shellies/plug")
		}},
		{"device", func(n ast.Node, k string) { e.Device = systemmeter.Device(r.oneOf(n, k, devices())) }},
		{"headers", func(n ast.Node, k string) { r.headers(n, k, e) }},
		{"every", r.span(&e.Every, everySpan())},
		{"lag", r.span(&e.Lag, lagSpan())},
		{"max_age", r.span(&e.MaxAge, maxAgeSpan())},
		{"max_watts", func(n ast.Node, k string) { e.MaxWatts = r.maxWatts(n, k) }},
		{"accuracy", func(n ast.Node, k string) { e.Accuracy = r.accuracy(n, k) }},
		{"allow_remote", func(n ast.Node, k string) { e.AllowRemote, _ = r.boolean(n, k) }},
	}
}

func (r *reader) meterKind(n ast.Node, key string) systemmeter.Kind {
	return systemmeter.Kind(r.oneOf(n, key, words(systemmeter.Kinds())))
}

// checkMeterName demands a name that no meter before has. The names of the
// meters in the machine are kept for those.
func (r *reader) checkMeterName(e meterEntry, before []meterEntry) {
	key := e.key + ".name"
	if !r.given(key) {
		r.problemAt(key, "missing, want a short name for metrics and reports, such as plug")
		return
	}
	i := slices.IndexFunc(before, func(o meterEntry) bool { return o.Name == e.Name })
	if e.Name != "" && i >= 0 {
		r.problemAt(key, "got %q, which %s has too, want a name of its own for each meter", e.Name, before[i].key)
	}
	for _, own := range ownKinds() {
		if e.Name == string(own) && e.Kind != own {
			r.problemAt(key, "got %q, which is the name of a meter in the machine, want another", e.Name)
		}
	}
}

// validateMeter reports what the meters themselves find wrong with a config.
// Secrets were not read yet: something stands in for them.
func (r *reader) validateMeter(e meterEntry) {
	c := e.Config
	const standIn = "x"
	for _, s := range e.secrets {
		if s.header == "" {
			c.Secret = systemmeter.NewSecret(standIn)
		}
	}
	for _, fault := range MeterFaults(systemmeter.Validate(c)) {
		r.problemAt(e.key+"."+r.ownKey(e, fault.Key), "%s: %s", fault.Problem, fault.Fix)
	}
}

// ownKey is what the file calls a key of systemmeter.Config.
func (r *reader) ownKey(e meterEntry, key string) string {
	switch {
	case key == "secret" && len(e.secrets) > 0:
		return e.secrets[0].name
	case key == "secret":
		return "token_file"
	}
	if rest, ok := strings.CutPrefix(key, "header"); ok {
		return "headers" + rest
	}
	return key
}

// MeterFaults are the faults that an error of package systemmeter holds.
func MeterFaults(err error) []*systemmeter.KeyError {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*systemmeter.KeyError
		for _, e := range joined.Unwrap() {
			all = append(all, MeterFaults(e)...)
		}
		return all
	}
	var fault *systemmeter.KeyError
	if errors.As(err, &fault) {
		return []*systemmeter.KeyError{fault}
	}
	return []*systemmeter.KeyError{{Key: "kind", Problem: err.Error(), Fix: "see the README for what each kind takes"}}
}

// ownKinds are the meters that a Mac has in it, which are named as their kind.
func ownKinds() []systemmeter.Kind {
	return []systemmeter.Kind{systemmeter.KindSMC, systemmeter.KindBattery}
}

func kindNames() string { return strings.Join(words(systemmeter.Kinds()), ", ") }
