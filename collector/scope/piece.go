package scope

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// state is what was known of the chip in a piece of time.
type state int

const (
	measured state = iota // a window
	blind                 // nobody measured the chip, and the machine ran
	resting               // it slept, or sovmeter did not run: what it did is not known
	nowhere               // the clock was set forwards: this time never was
)

// piece is the part of a segment in which one item lies.
type piece struct {
	item          int // index; -1: none waits there
	from, to      time.Time
	state         state
	cpu, gpu, ane energy.Joules
	soc           energy.Joules
	energy        energy.Joules // of the whole machine, as it is worked out
}

func (p *piece) length() time.Duration { return p.to.Sub(p.from) }

func (p *piece) middle() time.Time { return p.from.Add(p.length() / 2) }

// seconds is how long the piece really was.
func (p *piece) seconds() float64 {
	if p.state == nowhere {
		return 0
	}
	return p.length().Seconds()
}

// pieces cuts the time from one point to the next at the edges of items.
func (s *Scoper) pieces(from, to time.Time) []piece {
	var all []piece
	at := from
	for i := range s.items {
		start, end := s.items[i].bounds()
		if !end.After(at) {
			continue
		}
		if !start.Before(to) {
			break
		}
		if start.After(at) {
			all = append(all, piece{item: -1, from: at, to: start, state: blind})
			at = start
		}
		all = append(all, s.items[i].piece(i, at, earlier(end, to)))
		at = earlier(end, to)
	}
	if at.Before(to) {
		all = append(all, piece{item: -1, from: at, to: to, state: blind})
	}
	return all
}

// piece is the part of an item from one time to another.
func (x *item) piece(i int, from, to time.Time) piece {
	p := piece{item: i, from: from, to: to}
	if x.Gap != nil {
		switch x.Gap.Reason {
		case attribution.GapSleep, attribution.GapStart:
			p.state = resting
		case attribution.GapClockChange:
			p.state = nowhere
		default:
			p.state = blind
		}
		return p
	}
	w := x.Window
	ratio := energy.Joules(p.length().Seconds() / w.End.Sub(w.Start).Seconds())
	known := func(r attribution.Rail) energy.Joules {
		if !r.Known {
			return 0
		}
		return r.Energy * ratio
	}
	p.cpu, p.gpu, p.ane = known(w.CPU), known(w.GPU), known(w.ANE)
	p.soc = w.Energy * ratio
	return p
}
