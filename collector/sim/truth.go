package sim

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// Truth is what one request really was and cost.
type Truth struct {
	Run    int    `json:"run"`    // index into Mac.Runs of the server
	Task   int    `json:"task"`   // its number in the log, unique within the run
	Server string `json:"server"` // Server.Name
	Model  string `json:"model"`  // Model.Name
	Source string `json:"source"` // Source.Name

	Arrival time.Time `json:"arrival"` // when the client asked
	Start   time.Time `json:"start"`   // when a slot took it
	// FirstToken ends the prefill; zero when it was given up before.
	FirstToken time.Time `json:"first_token,omitzero"`
	End        time.Time `json:"end"` // when the slot let go of it

	Input   int64               `json:"input_tokens"` // prefilled, not cached
	Cached  int64               `json:"cached_tokens"`
	Output  int64               `json:"output_tokens"`
	Outcome attribution.Outcome `json:"outcome"`

	Prefill energy.Joules `json:"prefill_joules"`
	Decode  energy.Joules `json:"decode_joules"`
	// Unmeasured is the part of both that no document covers that can be used:
	// it was drawn while powermetrics was down, or in a window of Sensor.Zeros.
	Unmeasured energy.Joules `json:"unmeasured_joules"`

	// Wall is the request's part of what the whole machine took on top of what it
	// would have taken idle, and WallUnmeasured what of it was taken outside of
	// those documents. Without a Scenario.Wall it is Energy.
	Wall           energy.Joules `json:"wall_joules"`
	WallUnmeasured energy.Joules `json:"wall_unmeasured_joules"`
}

// Energy is all that the request cost, on top of the idle machine.
func (t Truth) Energy() energy.Joules { return t.Prefill + t.Decode }

// account is the truth of a request that ended.
func (m *Mac) account(s *server, r *request) Truth {
	t := Truth{
		Run: s.run, Task: r.id, Server: s.cfg.Name, Model: s.model.Name(),
		Source:  s.cfg.Traffic[r.session.source].Name,
		Arrival: m.time(r.arrival), Start: m.time(r.start), End: m.time(r.end),
		Input: int64(r.fresh), Cached: int64(r.cached), Output: int64(r.out), Outcome: r.outcome,
		Prefill: r.prefill, Decode: r.decode, Unmeasured: r.unmeasured,
		Wall: r.wall.all, WallUnmeasured: r.wall.dark,
	}
	if r.decoding() {
		t.FirstToken = m.time(r.first)
	}
	return t
}

// Totals is the whole account of the machine.
type Totals struct {
	All      Parts `json:"all"`      // everything that was drawn
	Measured Parts `json:"measured"` // what of it lies in windows whose documents can be used
	Rails    Rails `json:"rails"`    // All, by rail
	// MeasuredRails is Measured, by rail, as it was drawn.
	MeasuredRails Rails `json:"measured_rails"`
	// Unread is how much more was drawn in those windows than the chip's counters
	// gained in them; below 0 where they gained what was drawn before. 0 without
	// Sensor.Counters.
	Unread Rails `json:"unread_rails"`
	// Printed is what the documents that can be used say, summed: Measured less
	// Unread, with the sensor's noise and less than 1 mJ a rail of rounding.
	Printed energy.Joules `json:"printed_joules"`
	// Wall is what the whole machine took for itself: WallState.WallTotal as of
	// the last event. MeasuredWall is what of it lies in those windows; the rest
	// was taken in gaps, asleep, or in the window that is open.
	Wall         WallParts `json:"wall"`
	MeasuredWall WallParts `json:"measured_wall"`
}

// add books one interval.
func (t *Totals) add(f *flow, d time.Duration, wall WallParts) {
	t.Wall = t.Wall.plus(wall)
	t.All.add(f, d)
	t.Rails.add(f.idle.plus(f.others).plus(f.server.load), d)
}

// close books the window that ends.
func (t *Totals) close(n *sensor) {
	if n.blind() {
		return
	}
	t.Measured = t.Measured.plus(n.window.parts)
	t.MeasuredWall = t.MeasuredWall.plus(n.window.wall)
	t.MeasuredRails = t.MeasuredRails.plus(n.window.rails)
	t.Unread = t.Unread.plus(n.window.rails.minus(n.shown()))
}

// Totals returns the account so far. It counts requests in flight too.
func (m *Mac) Totals() Totals {
	t := m.totals
	t.Printed = m.sensor.measured()
	return t
}

// TakeTruth returns the requests that ended since the last call, by their end,
// and forgets them. A caller that runs on for ever must call it now and then:
// what is not taken is kept.
func (m *Mac) TakeTruth() []Truth {
	t := m.truth
	m.truth = nil
	return t
}

// WriteTruth writes the requests that were not taken yet as JSON, one line
// each, and after them one line {"totals": …} with the Totals.
func (m *Mac) WriteTruth(w io.Writer) error {
	enc := json.NewEncoder(w)
	for i := range m.truth {
		if err := enc.Encode(&m.truth[i]); err != nil {
			return fmt.Errorf("write truth of run %d task %d: %w", m.truth[i].Run, m.truth[i].Task, err)
		}
	}
	if err := enc.Encode(map[string]Totals{"totals": m.Totals()}); err != nil {
		return fmt.Errorf("write truth of the totals: %w", err)
	}
	return nil
}
