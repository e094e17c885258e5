package reporttest

import (
	"math/big"
	"testing"
)

func TestShows(t *testing.T) {
	for _, tt := range []struct {
		text, exact string
		measured    bool
		want        bool
	}{
		{"251", "251.4", true, true}, {"251", "251.6", true, false}, {"17.1M+", "17149999", false, true}, {"17.1M+", "17160000", false, false},
		{"1,240", "1236.7", true, true}, {"1,240", "1236.7", false, false}, {"2,000", "2000.4", false, true},
		{"<0.1", "0.09", false, true}, {"<0.1", "0.2", false, false}, {">-0.1", "-0.01", false, true}, {">-0.1", "0.01", false, false},
		{"n/a", "", false, true}, {"n/a", "0", false, false}, {"0", "", false, false}, {"0", "0", false, true}, {"0.0", "0.01", false, false},
		{"3 h 12 min", "11520", false, true}, {"3 h 12 min", "11600", false, false}, {"3 h", "10829", false, true}, {"3 h", "10900", false, false},
		{"1 min 35 s", "95.4", false, true}, {"1.5 s", "1.52", false, true}, {"1.5 s", "1.6", false, false}, {"2 d 3 h", "184000", false, true},
		{"about 3", "3", false, false}, {"3 h 12", "11520", false, false},
	} {
		if got := shows(tt.text, tt.exact, big.NewRat(1, 1), tt.measured); got != tt.want {
			t.Errorf("%s for %s (measured %v): %v", tt.text, tt.exact, tt.measured, got)
		}
	}
}

func TestExpositionIsRead(t *testing.T) {
	var f faults
	got := f.readExposition([]byte("# HELP a b\na{x=\"1\\\"\\\\\",b=\"2\"} 3\na{b=\"2\",x=\"1\\\"\\\\\"} 4\nbroken\n"))
	if got[`a{b=2,x=1"\}`] != "4" || len(f) != 2 {
		t.Errorf("read %v with faults %q", got, f)
	}
}
