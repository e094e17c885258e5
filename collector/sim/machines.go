package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Machines is a day of each of five Macs of different shapes, from midnight
// UTC on, for meters of the whole machine: what stands between the rails and the
// wall is different on each. The caller may change Seed, Start and Length.
//
// Where figures were published they are near them, at the wall: a Mac mini with
// M4 Pro is idle at 5 W and takes 140 W at most, a Mac Studio with M2 Max 9 W
// and 145 W, with M2 Ultra 10 W and 295 W (support.apple.com/103253 and /102027);
// one with M4 Max was measured at 7 W idle with a display
// (geerlingguy/top500-benchmark issue 57) and takes 145 W at most, one with M3
// Ultra 270 W. A MacBook Pro with M4 Max that shows 30 W draws 80 W. What is
// between, the slopes, the fans and the curves of the supplies, is plausible,
// and was measured on no machine.
func Machines() []Named {
	all := []Named{
		{Name: "mini", About: "a Mac mini, M4 Pro, asleep for some of the night", Scenario: miniDay()},
		{Name: "laptop-mains", About: "a MacBook Pro, M4 Max, on mains all day, its display on and off", Scenario: mainsDay()},
		{Name: "laptop-battery", About: "a MacBook Pro, M4 Pro, that travels: unplugged for 1 h and for 3 h", Scenario: commuterDay()},
		{Name: "studio-max", About: "a Mac Studio, M4 Max, that serves a team and never sleeps", Scenario: studioMaxDay()},
		{Name: "studio-ultra", About: "a Mac Studio, M3 Ultra, with two model servers", Scenario: studioUltraDay()},
	}
	for i := range all {
		all[i].Scenario.Seed = uint64(101 + i)
	}
	return all
}

// machine is a day of a chip without servers or a wall. powermetrics is gone
// once, for 45 s.
func machine(c Chip) Scenario {
	s := base()
	s.Length = 24 * time.Hour
	s.Chip = c
	s.Outages = []Outage{{Kind: SensorDown, At: 11*time.Hour + 20*time.Minute, For: 45 * time.Second}}
	return s
}

// compile is a job on so many cores.
func compile(at, length time.Duration, cores float64) Process {
	return Process{Name: "compile", At: at, For: length, Cores: cores}
}

// scaled is a model on another machine: so many times as fast, at so many times
// the energy.
func scaled(m Model, speed, cost float64) Model {
	j := energy.Joules(cost)
	m.PrefillJoules *= j
	m.StepJoules *= j
	m.TokenJoules *= j
	m.PrefillRate *= speed
	m.StepTime = time.Duration(float64(m.StepTime) / speed)
	m.TokenTime = time.Duration(float64(m.TokenTime) / speed)
	return m
}
