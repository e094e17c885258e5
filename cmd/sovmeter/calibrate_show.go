package main

import (
	"fmt"
	"io"
	"os"
	"time"
)

// climbShow tells on standard error how far a calibration is: on a terminal in
// one line with what is drawn right now, elsewhere in a line for each step.
type climbShow struct {
	w      io.Writer
	live   bool
	record *recorder
	shown  bool
}

func newClimbShow(w io.Writer, record *recorder) *climbShow {
	f, ok := w.(*os.File)
	return &climbShow{w: w, live: ok && isTerminal(f), record: record}
}

func (s *climbShow) head(meter string, server *completions, length time.Duration) {
	company := ""
	if server.slots > 0 {
		company = ", " + plural(server.slots, "slot")
	}
	fmt.Fprintf(s.w, "sovmeter: calibrating by meter %s with %s on server %s%s: about %s; leave the machine alone\n",
		meter, printable(server.model), server.name, company, countdown(length))
}

// at says how far it is.
func (s *climbShow) at(c climbState) {
	text := fmt.Sprintf("%s (%d of %d), %s left", c.Step, c.Place, c.Of, countdown(c.Left))
	if c.Again {
		text = "once more, since it was not steady: " + text
	}
	if !s.live {
		if c.Begun {
			fmt.Fprintln(s.w, "sovmeter:", text)
		}
		return
	}
	chip, hasChip, whole, hasWhole := s.record.now()
	if hasChip {
		text += fmt.Sprintf("; chip %.1f W", chip)
	}
	if hasWhole {
		text += fmt.Sprintf(", machine %.1f W", whole)
	}
	fmt.Fprint(s.w, "\r\033[K"+text)
	s.shown = true
}

// done takes the line away.
func (s *climbShow) done() {
	if s.shown {
		fmt.Fprint(s.w, "\r\033[K")
	}
}

// countdown is a time as on a kitchen clock: 8:05.
func countdown(d time.Duration) string {
	seconds := max(int(d.Round(time.Second).Seconds()), 0)
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}
