package systemmeter

import (
	"errors"
	"math"
	"testing"

	"github.com/sovmeter/sovmeter/collector/energy"
)

func TestLimitOf(t *testing.T) {
	for _, tt := range []struct {
		name, model string
		max, want   energy.Watts
	}{
		{"Mac mini 2024", "Mac16,11", 0, 155},
		{"Mac Studio 2022", "Mac13,2", DefaultMaxWatts, 370},
		{"Mac Studio 2025", "Mac15,14", 0, 480},
		{"MacBook Pro 16-inch", "Mac16,5", 0, 210},
		{"MacBook Air", "Mac16,12", 0, 105},
		{"not known", "Mac99,1", 0, DefaultMaxWatts},
		{"not a Mac", "", 0, DefaultMaxWatts},
		{"the config counts", "Mac16,11", 300, 300},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := limitOf(Config{MaxWatts: tt.max}, tt.model); got != tt.want {
				t.Errorf("%v W, want %v", got, tt.want)
			}
		})
	}
}

func TestCheckPower(t *testing.T) {
	for _, p := range []energy.Watts{0.5, 60, 155} {
		if err := checkPower(p, 155); err != nil {
			t.Errorf("%v W: %v", p, err)
		}
	}
	for _, p := range []energy.Watts{0, -3, 155.01, energy.Watts(math.NaN()), energy.Watts(math.Inf(1)), energy.Watts(math.Inf(-1))} {
		if err := checkPower(p, 155); !errors.Is(err, ErrImplausible) {
			t.Errorf("%v W: %v", p, err)
		}
	}
}
