package attribution_test

import (
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

func TestIdle(t *testing.T) {
	const ms = time.Millisecond
	for _, tt := range []struct {
		name string
		use  attribution.Use
		want bool
	}{
		{"nothing", attribution.Use{}, true},
		{"just under on both", attribution.Use{CPU: 99 * ms, GPU: 99 * ms}, true},
		{"CPU at the limit", attribution.Use{CPU: 100 * ms}, false},
		{"GPU at the limit", attribution.Use{GPU: 100 * ms}, false},
	} {
		if got := tt.use.Idle(5*time.Second, 0.02); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
