package systemmeter

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// uses says which keys of a Config a kind takes, besides those that all take.
type uses struct {
	url, user, secret, channel, places, topic, device, header, query bool
	needsURL, needsSecret, needsPlace                                bool
	schemes                                                          []string
}

// usesOf is the table of the kinds; false for a kind that is not known.
func usesOf(k Kind) (uses, bool) {
	web := uses{url: true, needsURL: true, schemes: []string{"http", "https"}}
	switch k {
	case KindShelly, KindTasmota:
		web.user, web.secret, web.channel = true, true, true
	case KindHomeWizard:
	case KindHomeAssistant:
		web.secret, web.needsSecret, web.places, web.needsPlace = true, true, true, true
	case KindPrometheus:
		web.user, web.secret, web.places, web.needsPlace = true, true, true, true
	case KindHTTP:
		web.user, web.secret, web.places, web.needsPlace = true, true, true, true
		web.header, web.query = true, true
	case KindMQTT:
		web.schemes = []string{"mqtt", "mqtts", "tcp", "ssl", "tls", "ws", "wss"}
		web.user, web.secret, web.places, web.channel = true, true, true, true
		web.topic, web.device = true, true
	case KindSMC, KindBattery:
		return uses{}, true
	default:
		return uses{}, false
	}
	return web, true
}

// Kinds lists all kinds of meters.
func Kinds() []Kind {
	return []Kind{KindShelly, KindTasmota, KindHomeAssistant, KindHomeWizard, KindPrometheus, KindHTTP, KindMQTT, KindSMC, KindBattery}
}

// Validate returns all faults of a config as KeyErrors, joined, and nil when
// there is none. It asks no device.
func Validate(c Config) error {
	use, ok := usesOf(c.Kind)
	if !ok {
		return &KeyError{"kind", fmt.Sprintf("%q is not known", c.Kind), "use one of " + list(Kinds())}
	}
	var faults []error
	add := func(err error) {
		if err != nil {
			faults = append(faults, err)
		}
	}
	if c.Name == "" {
		add(&KeyError{"name", "is missing", "give the meter a name for reports and metrics"})
	}
	for _, err := range superfluous(c, use) {
		add(err)
	}
	if use.url {
		add(checkURL(c, use))
	}
	if use.needsSecret && !c.Secret.Known() {
		add(&KeyError{"secret", "is missing", "give the access token, from the environment or a file of mode 0600"})
	}
	if use.needsPlace && c.Power.Place == "" && c.EnergyCounter.Place == "" {
		add(&KeyError{"power", "and energy are both missing", "say where the value is; with both the meter is at its best"})
	}
	add(checkSecret("secret", c.Secret))
	for _, name := range sortedKeys(c.Header) {
		add(checkHeader(name, c.Header[name]))
	}
	add(checkPlace("power", c.Kind, c.Power, parsePowerUnit))
	add(checkPlace("energy", c.Kind, c.EnergyCounter, parseEnergyUnit))
	for _, err := range checkNumbers(c) {
		add(err)
	}
	switch c.Kind {
	case KindMQTT:
		add(checkMQTT(c))
	case KindHomeAssistant:
		add(checkHomeAssistant(c))
	}
	return errors.Join(faults...)
}

// superfluous finds the keys that are set and that the kind does not take.
func superfluous(c Config, use uses) (faults []error) {
	for _, k := range []struct {
		key        string
		set, taken bool
	}{
		{"url", c.URL != "", use.url},
		{"user", c.User != "", use.user},
		{"secret", c.Secret.Known(), use.secret},
		{"channel", c.Channel != 0, use.channel},
		{"power", c.Power != ValuePlace{}, use.places},
		{"energy", c.EnergyCounter != ValuePlace{}, use.places},
		{"topic", c.Topic != "", use.topic},
		{"device", c.Device != "", use.device},
		{"header", len(c.Header) > 0, use.header},
	} {
		if k.set && !k.taken {
			faults = append(faults, &KeyError{k.key, fmt.Sprintf("is not used by a meter of kind %s", c.Kind), "take it out"})
		}
	}
	return faults
}

// urlFault is for a URL that is not to be printed: it may hold a password.
func urlFault(c Config) error {
	use, _ := usesOf(c.Kind)
	return &KeyError{"url", "is not a URL", "write it like " + exampleURL(use)}
}

func exampleURL(use uses) string {
	if slices.Contains(use.schemes, "mqtt") {
		return "mqtt://192.168.1.2:1883"
	}
	return "http://192.168.1.20"
}

func checkURL(c Config, use uses) error {
	if c.URL == "" {
		return &KeyError{"url", "is missing", "write it like " + exampleURL(use)}
	}
	at, err := url.Parse(c.URL)
	switch {
	case err != nil:
		return urlFault(c)
	case !slices.Contains(use.schemes, at.Scheme):
		return &KeyError{"url", "does not begin with " + list(use.schemes) + " and ://", "write it like " + exampleURL(use)}
	case at.Hostname() == "":
		return &KeyError{"url", "names no host", "write it like " + exampleURL(use)}
	case at.User != nil:
		return &KeyError{"url", "holds a user or password", "give them as user and secret: a URL gets printed"}
	case at.RawQuery != "" && !use.query:
		return &KeyError{"url", "holds a query", "give the address of the device alone"}
	case at.Fragment != "":
		return &KeyError{"url", "holds a fragment", "take out # and what follows it"}
	}
	return nil
}

func checkSecret(key string, s Secret) error {
	if strings.ContainsFunc(s.value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return &KeyError{key, "holds a line break or another control character", "write the bare value in one line"}
	}
	return nil
}

func checkHeader(name string, value Secret) error {
	token := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !token(r) }) {
		return &KeyError{"header", fmt.Sprintf("%q is no name of a header", name), "write it like X-Api-Key"}
	}
	return checkSecret("header."+name, value)
}

func checkPlace[U any](key string, kind Kind, p ValuePlace, unit func(string) (U, error)) error {
	if p.Place == "" {
		if p != (ValuePlace{}) {
			return &KeyError{key, "has a unit or scale but no place", "say where the value is"}
		}
		return nil
	}
	if p.Unit != "" {
		if _, err := unit(p.Unit); err != nil {
			return &KeyError{key + ".unit", err.Error(), "write the unit that the device uses"}
		}
	}
	if !finite(p.Scale) {
		return &KeyError{key + ".scale", "is not a finite number", "write a factor such as 0.001"}
	}
	if kind == KindHTTP {
		if _, err := parsePointer(p.Place); err != nil {
			return &KeyError{key, fmt.Sprintf("%q is no JSON pointer", p.Place), "write it like /meters/0/power"}
		}
	}
	return nil
}

func checkNumbers(c Config) (faults []error) {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"every", c.Every}, {"lag", c.Lag}, {"max_age", c.MaxAge}} {
		if d.value < 0 {
			faults = append(faults, &KeyError{d.key, "is below 0", "write a time such as 2s, or leave it out"})
		}
	}
	if c.Every > 0 && c.Every < minEvery {
		faults = append(faults, &KeyError{"every", fmt.Sprintf("is below %v", minEvery), "write 2s: plugs measure about once a second"})
	}
	if c.Channel < 0 {
		faults = append(faults, &KeyError{"channel", "is below 0", "the first channel is 0"})
	}
	if c.MaxWatts < 0 || !finite(float64(c.MaxWatts)) {
		faults = append(faults, &KeyError{"max_watts", "is not a power", "write the most that can be true, such as 1500"})
	}
	if !(c.Accuracy >= 0 && c.Accuracy < 1) {
		faults = append(faults, &KeyError{"accuracy", "is not from 0 to 1", "0.01 is one per cent"})
	}
	return faults
}

func list[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, w := range all {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// minEvery is the shortest time between two questions.
const minEvery = 100 * time.Millisecond
