package powermetrics

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
)

// TestRefusal holds the words of the getopt libraries and of the tool itself.
func TestRefusal(t *testing.T) {
	tests := []struct{ line, want string }{
		{"unrecognized sampler: ane_power", "ane_power"},
		{"powermetrics: unrecognized sampler: smc", "smc"},
		{"Unrecognized sampler 'ane_power', ignoring", "ane_power"},
		{"powermetrics: unrecognized option `--handle-invalid-values'", "handle-invalid-values"},
		{"powermetrics: unrecognized option '--poweravg'", "poweravg"},
		{"powermetrics: illegal option -- handle-invalid-values", "handle-invalid-values"},
		{"powermetrics: invalid option -- 'x'", "x"},
		{"Second underflow occured.", ""},
		{"proc_pidpath 1234 failed(0)", ""},
		{"invalid sample rate", ""},
		{"The following command-line options are supported:", ""},
		{"unrecognized option", ""},
	}
	for _, tt := range tests {
		got, ok := refusal(tt.line)
		if got != tt.want || ok != (tt.want != "") {
			t.Errorf("refusal(%q) = %q, %v, want %q", tt.line, got, ok, tt.want)
		}
	}
}

func TestDrop(t *testing.T) {
	a := newArguments(250*time.Millisecond, []string{"tasks", "", "thermal"})
	for _, refused := range []string{"nonsense", "format", "cpu_power", "cpu_power", "sample-rate", "sample-interval", "buffer-size"} {
		want := refused == "sample-rate" || refused == "buffer-size" || refused == "cpu_power" && strings.HasPrefix(a.list()[1], "cpu_power")
		if got := a.drop(refused); got != want {
			t.Errorf("drop(%q) = %v, want %v", refused, got, want)
		}
	}
	for _, s := range []string{"gpu_power", "ane_power", "thermal"} {
		if !a.drop(s) {
			t.Errorf("drop(%q) = false", s)
		}
	}
	if a.drop("tasks") {
		t.Error("the last sampler was dropped")
	}
	if got := strings.Join(a.list(), " "); got != "--samplers tasks --sample-interval 250 --format plist --poweravg 0 --handle-invalid-values" {
		t.Errorf("arguments %s", got)
	}
}

// TestNotes writes a flood in odd pieces: few lines are logged, none is long.
func TestNotes(t *testing.T) {
	var log bytes.Buffer
	now := time.Unix(1000, 0)
	lines := 0
	n := &notes{log: zerolog.New(&log), now: func() time.Time { return now }, onLine: func() { lines++ }}
	write := func(s string) {
		for len(s) > 0 {
			k := min(len(s), 7)
			if wrote, err := n.Write([]byte(s[:k])); wrote != k || err != nil {
				t.Fatalf("wrote %d, %v", wrote, err)
			}
			s = s[k:]
		}
	}
	write(strings.Repeat("Second underflow occured.\n\n", 1000))
	if logged := strings.Count(log.String(), "\n"); logged != noteBurst || lines != 1000 {
		t.Errorf("logged %d of %d lines, want %d of 1000", logged, lines, noteBurst)
	}
	now = now.Add(noteEvery)
	log.Reset()
	write(strings.Repeat("x", 1<<20) + "\nunrecognized option `--poweravg'\nlast")
	n.close()
	if len(log.String()) > 4*(maxNote+200) || !strings.Contains(log.String(), `"suppressed":995`) {
		t.Errorf("log of %d bytes: %.300s", log.Len(), log.String())
	}
	if n.last != "last" || n.refused != "poweravg" {
		t.Errorf("last %q, refused %q", n.last, n.refused)
	}
}
