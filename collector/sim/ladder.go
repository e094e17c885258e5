package sim

import "time"

// Rung is a while of even load, since Scenario.Start.
type Rung struct {
	Name     string
	From, To time.Duration
}

// How a ladder is climbed: each rung is held for rungLength, requests come
// every rungCycle and keep the server busy for rungBusy of it.
const (
	rungLength = 3 * time.Minute
	rungCycle  = 10 * time.Second
	rungBusy   = 0.94
	rungPause  = 30 * time.Second // idle between two rungs
)

// Ladder is some 20 quiet minutes of the machine of a scenario whose first server goes
// through the loads that a calibration needs, one after the other: idle, one
// reply at a time, as many as there are slots, prompts alone, and a job on most
// cores beside an idle server. It has nothing else to do, sleeps at no time and
// stays plugged in. The rungs say when the load is what.
func Ladder(s Scenario) (Scenario, []Rung) {
	v := s.Servers[0]
	v.Runs, v.Traffic = []Run{{Model: v.Runs[0].Model}}, nil
	m := s.model(v.Runs[0].Model)
	s.Servers, s.Processes, s.Outages, s.Background = nil, nil, nil, Background{}
	s.Wall.Battery.Unplugged = nil

	var rungs []Rung
	at := m.LoadTime.Round(time.Second) + rungPause
	rung := func(name string) Rung {
		r := Rung{Name: name, From: at, To: at + rungLength}
		rungs = append(rungs, r)
		at = r.To + rungPause
		return r
	}
	rung("idle")
	v.Traffic = append(v.Traffic, rung("decode-one").decoding(m, 1), rung("decode-all").decoding(m, v.Slots), rung("prefill").prefilling(m))
	job := rung("cpu")
	s.Processes = []Process{{Name: "job", At: job.From, For: rungLength, Cores: 0.8 * float64(s.Chip.cpus())}}
	rung("idle-again")
	s.Servers = []Server{v}
	s.Length = at
	return s, rungs
}

// requests is single requests at a time, so many at the beginning of each cycle.
func (r Rung) requests(n int, prompt, output float64) Source {
	src := Source{
		Name: r.Name, Burst: always(1), Turns: always(1), Think: always(1),
		Prompt: always(max(prompt, 1)), Growth: always(1), Output: always(max(output, 2)),
	}
	for at := r.From; at < r.To; at += rungCycle {
		for range n {
			src.At = append(src.At, at)
		}
	}
	return src
}

// decoding is n replies side by side to prompts of a few tokens.
func (r Rung) decoding(m *Model, n int) Source {
	step := m.StepTime + time.Duration(n)*m.TokenTime
	return r.requests(n, 8, rungBusy*float64(rungCycle)/float64(step))
}

// prefilling is long prompts with next to no reply.
func (r Rung) prefilling(m *Model) Source {
	return r.requests(1, rungBusy*rungCycle.Seconds()*m.PrefillRate, 2)
}
