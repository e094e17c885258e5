package sim

import (
	"errors"
	"fmt"
	"time"
)

// validate reports all that is wrong with s at once.
func (s *Scenario) validate() error {
	p := &problems{}
	p.want(!s.Start.IsZero(), "start: not set")
	p.want(s.Length >= 0, "length %v: want 0 or more", s.Length)
	p.chip(&s.Chip)
	p.sensor(&s.Sensor, &s.Chip)
	for i := range s.Models {
		p.model(&s.Models[i])
	}
	p.want(len(s.Servers) >= 1 && len(s.Servers) <= maxServers, "servers: %d of them: want 1 to %d", len(s.Servers), maxServers)
	for i := range s.Servers {
		p.server(s, i)
	}
	for i := range s.Processes {
		p.process(&s.Processes[i])
	}
	for _, o := range s.Outages {
		p.want(o.At >= 0 && o.For > 0, "outage at %v for %v: want a time from the start on and a length above 0", o.At, o.For)
		p.every("outage", o.Every, o.For)
	}
	p.wall(&s.Wall, s.Chip.MaxWatts)
	p.want(s.Background.PerHour >= 0, "background %v an hour: want 0 or more", s.Background.PerHour)
	if len(p.found) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrScenario, errors.Join(p.found...))
}

// finest is the shortest time between two looks at the chip: a simulation takes
// as long as it has events.
const finest = 10 * time.Millisecond

// problems collects what is wrong.
type problems struct{ found []error }

// want adds a problem unless ok.
func (p *problems) want(ok bool, format string, args ...any) {
	if !ok {
		p.found = append(p.found, fmt.Errorf(format, args...))
	}
}

// ratio wants v to be 0 to 1.
func (p *problems) ratio(what string, v float64) {
	p.want(v >= 0 && v <= 1, "%s %v: want a ratio, 0 to 1", what, v)
}

// every wants a repetition to be longer than what it repeats.
func (p *problems) every(what string, every, length time.Duration) {
	p.want(every == 0 || every > length, "%s repeats every %v: want 0 or more than its length %v", what, every, length)
}

func (p *problems) chip(c *Chip) {
	p.want(c.cpus() > 0, "chip: no cpus")
	p.want(len(c.GPUMHz) > 0, "chip: no gpu clock step")
	p.want(c.CoreWatts > 0, "chip: core watts %v: want more than 0", float64(c.CoreWatts))
	p.want(c.IdleCPU >= 0 && c.IdleGPU >= 0 && c.IdleANE >= 0, "chip: idle watts below 0")
	p.want(c.MaxWatts > c.IdleCPU+c.IdleGPU+c.IdleANE, "chip: max watts %v: want more than the idle watts", float64(c.MaxWatts))
	p.want(c.IdleJitter >= 0 && c.IdleJitter <= 0.2, "chip: idle jitter %v: want 0 to 0.2", c.IdleJitter)
	p.ratio("chip: idle gpu busy", c.IdleGPUBusy)
	p.drift("chip", &c.Drift)
	p.thermal(c)
	p.want(c.IdleCores >= 0 && c.IdleCores < float64(c.cpus()), "chip: idle cores %v: want 0 to the number of cpus", c.IdleCores)
	p.want(float64(c.CoreWatts)*c.IdleCores <= float64(c.IdleCPU), "chip: idle cores draw more than the idle cpu watts")
}

func (p *problems) sensor(s *Sensor, c *Chip) {
	p.want(s.Interval >= finest && s.Interval <= time.Minute, "sensor: interval %v: want %v to a minute", s.Interval, finest)
	p.want(s.MinStretch >= 1 && s.MaxStretch >= s.MinStretch, "sensor: stretch %v to %v: want 1 or more, in order", s.MinStretch, s.MaxStretch)
	p.want(s.Noise >= 0 && s.Noise <= 0.2, "sensor: noise %v: want 0 to 0.2", s.Noise)
	p.want(s.Counters == 0 || (s.Counters >= finest && s.Counters <= time.Minute), "sensor: counters updated every %v: want 0, or %v to a minute", s.Counters, finest)
	p.want(!s.LiveGPU || s.Counters > 0, "sensor: live gpu: only where counters are not always up to date")
	p.ratio("sensor: zeros", s.Zeros)
	p.want(s.Zeros == 0 || c.IdleCores > 0, "sensor: zeros %v: want chip idle cores above 0, so that the cpu is always busy", s.Zeros)
}

func (p *problems) drift(what string, d *IdleDrift) {
	p.want(d.Amplitude >= 0 && d.Amplitude <= 0.9, "%s: idle drift: amplitude %v: want 0 to 0.9", what, d.Amplitude)
	p.want(d.Period >= 0 && (d.Amplitude == 0) == (d.Period == 0), "%s: idle drift: period %v: want more than 0 with an amplitude, and 0 without", what, d.Period)
	last := time.Duration(-1)
	for _, s := range d.Steps {
		p.want(s.At > last, "%s: idle drift: step at %v: want times in order, from the start on", what, s.At)
		p.want(s.Ratio >= 0.1 && s.Ratio <= 10, "%s: idle drift: step to %v: want a ratio, 0.1 to 10", what, s.Ratio)
		last = s.At
	}
}

func (p *problems) thermal(c *Chip) {
	t := &c.Thermal
	if *t == (Thermal{}) {
		return
	}
	p.want(t.Budget > 0, "chip: thermal: budget %v: want more than 0", float64(t.Budget))
	p.want(t.Watts > c.IdleCPU+c.IdleGPU+c.IdleANE && t.Watts <= c.MaxWatts, "chip: thermal: watts %v: want more than the idle watts and no more than the max watts", float64(t.Watts))
}

func (p *problems) model(m *Model) {
	name := "model " + m.Path
	p.want(m.Path != "", "model: no path")
	p.want(m.PrefillJoules >= 0 && m.StepJoules >= 0 && m.TokenJoules >= 0 && m.ContextJoules >= 0, "%s: energy below 0", name)
	p.want(m.PrefillRate > 0, "%s: prefill rate %v: want more than 0", name, m.PrefillRate)
	p.want(m.StepTime > 0 && m.TokenTime >= 0, "%s: step time %v: want more than 0", name, m.StepTime)
	p.want(m.LoadTime > 0, "%s: load time %v: want more than 0", name, m.LoadTime)
	p.want(m.LoadCPU >= 0 && m.LoadGPU >= 0, "%s: load watts below 0", name)
	p.ratio(name+": cpu share", m.CPUShare)
	p.ratio(name+": gpu busy", m.GPUBusy)
	p.ratio(name+": load gpu busy", m.LoadGPUBusy)
}

func (p *problems) server(s *Scenario, i int) {
	v := &s.Servers[i]
	name := "server " + v.Name
	p.want(v.Name != "", "server %d: no name", i)
	for _, before := range s.Servers[:i] {
		p.want(before.Name != v.Name, "%s: there are two of that name", name)
	}
	p.want(v.Slots >= 1 && v.Slots <= 32, "%s: slots %d: want 1 to 32", name, v.Slots)
	p.want(v.SlotContext > 0, "%s: slot context %d: want 1 token or more", name, v.SlotContext)
	p.want(v.Batch > 0, "%s: batch %d: want 1 token or more", name, v.Batch)
	p.want(len(v.Runs) > 0 && v.Runs[0].At == 0, "%s: runs: want one that begins at 0", name)
	for _, r := range v.Runs {
		p.want(s.model(r.Model) != nil, "%s: run at %v: no model %q", name, r.At, r.Model)
		p.want(r.At >= 0 && r.Every >= 0, "%s: run at %v: want a time from the start on", name, r.At)
	}
	p.log(name, &v.Log)
	for j := range v.Traffic {
		p.source(&v.Traffic[j])
	}
}

func (p *problems) log(name string, l *Log) {
	p.want(l.Style == LlamaServer || l.Style == JSONLines, "%s: log: no style %d", name, l.Style)
	p.want(l.Offset.Abs() <= time.Hour, "%s: log: clock offset %v: want an hour at most", name, l.Offset)
	p.want(l.Drift >= -0.1 && l.Drift <= 0.1, "%s: log: clock drift %v: want -0.1 to 0.1 seconds a second", name, l.Drift)
	p.want(!l.WholeSeconds || l.Style == JSONLines, "%s: log: whole seconds: only stamps of json lines can be cut to them", name)
	p.want(l.Delay.Min >= 0 && l.Delay.Max >= l.Delay.Min, "%s: log: delay of %v to %v s: want 0 or more, in order", name, l.Delay.Min, l.Delay.Max)
	p.ratio(name+": log: drop", l.Drop)
}

func (p *problems) source(s *Source) {
	for h, n := range s.Sessions {
		p.want(n >= 0 && n <= 1e5, "source %s: %v sessions in hour %d: want 0 to 100000", s.Name, n, h)
	}
	for _, at := range s.At {
		p.want(at >= 0, "source %s: session at %v: want a time from the start on", s.Name, at)
	}
	p.ratio("source "+s.Name+": cancel", s.Cancel)
	p.want(s.Output.Min >= 2, "source %s: output of %v tokens: want at least 2", s.Name, s.Output.Min)
	p.want(s.Prefix >= 0 && float64(s.Prefix)+s.Prompt.Min >= 1, "source %s: prompt may be empty", s.Name)
	p.want(s.Burst.Min >= 1 && s.Burst.Max <= 256, "source %s: bursts of %v to %v: want 1 to 256", s.Name, s.Burst.Min, s.Burst.Max)
	p.want(s.Turns.Min >= 1 && s.Growth.Min >= 0 && s.Think.Min >= 0, "source %s: turns below 1, growth or think below 0", s.Name)
}

func (p *problems) process(r *Process) {
	p.want(r.At >= 0 && r.For > 0, "process %s at %v for %v: want a time from the start on and a length above 0", r.Name, r.At, r.For)
	p.every("process "+r.Name, r.Every, r.For)
	p.want(r.Cores >= 0 && r.CoreWatts >= 0 && r.GPUWatts >= 0 && r.ANEWatts >= 0, "process %s: below 0", r.Name)
	p.ratio("process "+r.Name+": gpu busy", r.GPUBusy)
}

// model finds a model by its path; nil when there is none.
func (s *Scenario) model(path string) *Model {
	for i := range s.Models {
		if s.Models[i].Path == path {
			return &s.Models[i]
		}
	}
	return nil
}
