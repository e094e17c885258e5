package powermetrics_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestRestarted(t *testing.T) {
	one := usual().String()
	half := one[:len(one)/2]
	tests := []struct {
		name, stream string
		samples      []bool
		skipped      []bool // documents that were cut
	}{
		{"one run", one + "\x00" + one + "\x00" + one, []bool{false, false, false}, nil},
		{"two runs", one + "\x00" + one + one + "\x00" + one, []bool{false, false, true, false}, nil},
		{"a NUL alone between the runs of one document", one + one + "\x00" + one, []bool{false, false, false}, nil},
		{"no NUL at all", one + one + one, []bool{false, false, false}, nil},
		{"blanks are no NUL", one + "\x00" + one + "\n \n" + one, []bool{false, false, true}, nil},
		{"garbage with a NUL", one + "\x00" + one + "text\x00text" + one, []bool{false, false, false}, nil},
		{"garbage without one", one + "\x00" + one + "text" + one + "\x00" + one, []bool{false, false, true, false}, nil},
		{"killed within a document", one + "\x00" + half + one, []bool{false, true}, []bool{false}},
		{"half a document begins the second run", one + "\x00" + one + half + "\x00" + one, []bool{false, false, false}, []bool{true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			samples, skipped := decode(t, iotest.OneByteReader(strings.NewReader(tt.stream)))
			var got, cut []bool
			for _, s := range samples {
				got = append(got, s.Restarted)
			}
			for _, e := range documents(skipped) {
				cut = append(cut, e.Restarted)
			}
			if diff := cmp.Diff([][]bool{tt.samples, tt.skipped}, [][]bool{got, cut}); diff != "" {
				t.Errorf("restarted (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNoRecordingRestarts holds the rule against streams of the real tool, each
// of one run, and against two of them in one file.
func TestNoRecordingRestarts(t *testing.T) {
	for _, file := range captures(t) {
		data := readFile(t, file)
		once := decodeAll(t, bytes.NewReader(data))
		twice := decodeAll(t, bytes.NewReader(append(data[:len(data):len(data)], data...)))
		for i, s := range twice {
			if want := i == len(once) && len(once) > 1; s.Restarted != want {
				t.Errorf("%s twice: document %d of %d restarted %v, want %v", filepath.Base(file), i, len(twice), s.Restarted, want)
			}
		}
	}
}
