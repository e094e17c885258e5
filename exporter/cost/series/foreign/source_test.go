package foreign_test

import (
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/exporter/cost/series/foreign"
)

// The source is printed: a file must not reach the terminal through it.
func TestTheSourceIsSafeToPrint(t *testing.T) {
	file := mtu + `"01/03/2026 00:00 - 01/03/2026 01:00","BZN|A` + "\x1b]0;x\a" + `T","","1"`
	r, err := foreign.Import(strings.NewReader(file), options())
	if err != nil {
		t.Fatal(err)
	}
	if want := "ENTSO-E, day-ahead, BZN|A?]0;x?T"; r.Header.Source != want {
		t.Errorf("source %q, want %q", r.Header.Source, want)
	}
}
