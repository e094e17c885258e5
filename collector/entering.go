package collector

import "github.com/sovmeter/sovmeter/collector/attribution"

// Read takes a reading of a meter of the whole machine.
func (c *Collector) Read(r Reading) { c.scoper.Read(r.Meter, r.MeterReading) }

// Calibrate has a calibration that is stored already hold from now on.
func (c *Collector) Calibrate(line attribution.Calibration) { c.scoper.Calibrate(line) }

// settle goes on with what waits for a meter no longer. Nothing that begins
// before the windows that are still held comes any more.
func (c *Collector) settle() {
	until := c.measured
	if len(c.held) > 0 {
		until = c.held[0].Start
	}
	for len(c.gaps) > 0 && !c.gaps[0].End.After(until) {
		c.scoper.Add(attribution.Measurement{Gap: &c.gaps[0]})
		c.gaps = c.gaps[1:]
	}
	c.enter(c.scoper.Settle(until))
}

// enter gives windows to the engine, and all to the next batch.
func (c *Collector) enter(all []attribution.Measurement) {
	for _, m := range all {
		if m.Gap != nil {
			c.enterGap(*m.Gap)
			continue
		}
		if err := c.engine.AddWindow(*m.Window); err != nil {
			c.reject(*m.Window, err)
			continue
		}
		c.batch.Windows = append(c.batch.Windows, *m.Window)
	}
}

// enterGap joins a gap to the one before it where a source is unusable and says
// so once a sample.
func (c *Collector) enterGap(g attribution.Gap) {
	if n := len(c.batch.Gaps); n > 0 {
		last := &c.batch.Gaps[n-1]
		if last.Reason == g.Reason && last.Scope == g.Scope && last.End.Equal(g.Start) {
			last.End = g.End
			last.Energy += g.Energy
			last.Error += g.Error
			return
		}
	}
	c.batch.Gaps = append(c.batch.Gaps, g)
}
