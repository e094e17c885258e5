package sim

import (
	"math/rand/v2"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// processes are the programs besides the server, on their timetables and by
// chance.
type processes struct {
	chip   Chip
	list   []Process
	starts timetable
	ends   timetable // of those that run

	chance     Background
	rng        *rand.Rand
	nextChance time.Duration
	short      []shortJob

	load load // of all that run now
}

// shortJob is one piece of background work that runs.
type shortJob struct {
	end   time.Duration
	cores float64
}

// newProcesses returns the processes of s, before the first of them starts.
func newProcesses(s *Scenario) *processes {
	p := &processes{chip: s.Chip, list: s.Processes, chance: s.Background, rng: stream(s.Seed, concernBackground)}
	for _, r := range s.Processes {
		p.starts = append(p.starts, due{at: r.At, every: r.Every})
		p.ends = append(p.ends, due{at: never})
	}
	p.nextChance = p.wait(0)
	return p
}

// wait draws when the next piece of background work begins.
func (p *processes) wait(now time.Duration) time.Duration {
	if p.chance.PerHour <= 0 {
		return never
	}
	return now + time.Duration(p.rng.ExpFloat64()/p.chance.PerHour*float64(time.Hour))
}

// next is when the load changes.
func (p *processes) next() time.Duration {
	_, start := p.starts.next()
	_, end := p.ends.next()
	at := min(start, end, p.nextChance)
	for _, j := range p.short {
		at = min(at, j.end)
	}
	return at
}

// fire makes one change that is due now.
func (p *processes) fire(now time.Duration) {
	p.change(now)
	p.load = load{}
	for i, r := range p.list {
		if p.ends[i].at != never {
			p.load = p.load.plus(r.load(p.chip))
		}
	}
	for _, j := range p.short {
		p.load = p.load.plus(Process{Cores: j.cores}.load(p.chip))
	}
	p.load.gpuBusy = min(p.load.gpuBusy, 0.95)
}

func (p *processes) change(now time.Duration) {
	if i, at := p.ends.next(); at <= now {
		p.ends.done(i)
		return
	}
	if i, at := p.starts.next(); at <= now {
		p.starts.done(i)
		p.ends[i].at = at + p.list[i].For
		return
	}
	for i, j := range p.short {
		if j.end <= now {
			p.short = append(p.short[:i], p.short[i+1:]...)
			return
		}
	}
	length := time.Duration(p.chance.Seconds.draw(p.rng) * float64(time.Second))
	p.short = append(p.short, shortJob{end: now + length, cores: p.chance.Cores.draw(p.rng)})
	p.nextChance = p.wait(now)
}

// load is what the process does to the chip while it runs.
func (r Process) load(c Chip) load {
	perCore := r.CoreWatts
	if perCore == 0 {
		perCore = c.CoreWatts
	}
	return load{cpu: perCore * energy.Watts(r.Cores), gpu: r.GPUWatts, ane: r.ANEWatts, cores: r.Cores, gpuBusy: r.GPUBusy}
}
