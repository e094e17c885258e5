package config_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// TestExampleMetersAreValid reads the example's meters, which are comments.
func TestExampleMetersAreValid(t *testing.T) {
	var text strings.Builder
	inside := false
	for line := range strings.Lines(config.Example()) {
		inside = inside || strings.HasPrefix(line, "# meters:")
		if inside = inside && strings.HasPrefix(line, "#"); inside {
			bare := strings.TrimPrefix(line, "# ")
			spaces := bare[:len(bare)-len(strings.TrimLeft(bare, " "))]
			text.WriteString(spaces + strings.TrimPrefix(strings.TrimLeft(bare, " "), "# "))
		}
	}
	// The keys for every kind stand deeper than the last meter's: their comments
	// begin in the same column.
	c, err := config.Parse("example", []byte(text.String()), formats)
	if err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	for _, k := range systemmeter.Kinds() {
		builtIn := k == systemmeter.KindSMC || k == systemmeter.KindBattery
		shown := slices.ContainsFunc(c.Meters, func(m systemmeter.Config) bool { return m.Kind == k })
		if !builtIn && !shown {
			t.Errorf("the example shows no meter of kind %s", k)
		}
	}
	if last := c.Meters[len(c.Meters)-1]; last.MaxWatts != 400 || !last.AllowRemote || c.BuiltInMeters {
		t.Errorf("the example was not read to its end: %+v", last)
	}
}
