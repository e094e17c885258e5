package parsertest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// Marker is a text as it could stand in a prompt. Privacy tests put it wherever a
// server or its client can print text; none of its words may come out.
const Marker = "GEHEIM secret prompt"

// Told parses a log and returns all that leaves the parser on the way: facts,
// states, and the errors from states that are cut in half.
func (c Contract) Told(t testing.TB, log []string) string {
	t.Helper()
	var out bytes.Buffer
	p := c.New()
	for i, l := range Arriving([]byte(strings.Join(log, "\n")), c.Begin) {
		p.Parse(l)
		state := stateOf(t, p)
		fmt.Fprintf(&out, "%+v %s", p.Take(), state)
		if i%100 != 0 {
			continue
		}
		err := c.New().Restore(state[:len(state)/2])
		if err == nil {
			t.Fatal("half a state was restored")
		}
		out.WriteString(err.Error())
	}
	return out.String()
}

// Shown follows a log as the meter does and returns what a Source makes of it,
// with all that leaves it as text.
func (c Contract) Shown(t testing.TB, log []string) (attribution.LogUpdate, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.log")
	if err := os.WriteFile(path, []byte(strings.Join(log, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := requestlog.NewSource(requestlog.SourceOptions{Path: path, Format: c.Format.Name, Parser: c.New()})
	defer s.Close()                               //nolint:errcheck // it was only read
	u, err := s.Poll(time.Now().AddDate(1, 0, 0)) // later than every stamp
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Checkpoint) == 0 {
		t.Fatal("no checkpoint")
	}
	err = s.Restore(u.Checkpoint[:len(u.Checkpoint)/2])
	if err == nil {
		t.Fatal("half a checkpoint was restored")
	}
	return u, fmt.Sprintf("%+v %s %v", u, u.Checkpoint, err)
}

// Hidden fails when a word of the marker, or one of the others, is in what came
// out.
func Hidden(t testing.TB, out string, others ...string) {
	t.Helper()
	if out == "" {
		t.Error("nothing came out")
	}
	for _, word := range append(strings.Fields(Marker), others...) {
		if strings.Contains(out, word) {
			t.Errorf("%q came out", word)
		}
	}
}
