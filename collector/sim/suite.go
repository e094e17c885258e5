package sim

import "time"

// Named is a scenario of the Suite.
type Named struct {
	Name     string // lower case, with hyphens
	About    string // what is hard about it, in one line
	Claim    Claim
	Scenario Scenario
}

// Claim says which claim about a meter's accuracy a scenario is made to test.
// The empty Claim tests none: what comes out is told, and no more.
type Claim string

// The claims.
const (
	ClaimAlone       Claim = "alone"       // requests that nothing else overlaps, seen in windows of 1 s
	ClaimOverlapping Claim = "overlapping" // up to 8 requests of one model at a time
	ClaimModels      Claim = "models"      // two models at work at the same time
	ClaimOthers      Claim = "others"      // other programs take up to half of the GPU
)

// Suite is what a meter is tried on: hours of a Mac, each hard in its own way.
// The machine is that of DefaultDay, with two quiet minutes before the first
// request. The figures follow from what they are to show, and none from
// what any meter makes of it. The caller may change the Seed, and gets the same
// kind of hours.
func Suite() []Named {
	all := append(suiteAlone(), suiteTraffic()...)
	all = append(all, suiteMachine()...)
	all = append(all, suiteLog()...)
	for i := range all {
		all[i].Scenario.Seed = uint64(i + 1)
	}
	return all
}

// hours is the machine of the suite for so many hours, from two minutes before
// eight on.
func hours(n int, servers ...Server) Scenario {
	s := base()
	s.Start = time.Date(2026, time.March, 10, 7, 58, 0, 0, time.UTC)
	s.Length = time.Duration(n) * time.Hour
	s.Servers = servers
	return s
}

// serving is a server with one model all the time.
func serving(slots int, model string, traffic ...Source) Server {
	v := llama(slots)
	v.Runs = []Run{{Model: model}}
	v.Traffic = traffic
	return v
}

// steady is so many sessions an hour from eight on.
func steady(n float64) [24]float64 { return day(0, n, n, n) }

// questions are single requests of mixed lengths, most of them longer than 5 s.
func questions(anHour float64) Source {
	return Source{
		Name: "questions", Sessions: steady(anHour), Burst: always(1), Turns: always(1), Think: always(1),
		Prefix: 40, Prompt: Dist{Median: 300, Spread: 0.9, Min: 10, Max: 4000},
		Output: Dist{Median: 350, Spread: 0.5, Min: 60, Max: 1500},
	}
}

// alone is one request at a time, seen in windows of a given length.
func alone(n int, anHour float64, window time.Duration) Scenario {
	s := hours(n, serving(1, pathCoder, questions(anHour)))
	s.Sensor.Interval = window
	return s
}

// suiteAlone is one request at a time under different sensors.
func suiteAlone() []Named {
	lag, lagCPU := alone(4, 70, time.Second), alone(4, 70, time.Second)
	lag.Sensor.Counters = 2100 * time.Millisecond
	lagCPU.Sensor.Counters, lagCPU.Sensor.LiveGPU = 2100*time.Millisecond, true
	return []Named{
		{Name: "alone", Claim: ClaimAlone, About: "one request at a time, windows of 1 s", Scenario: alone(4, 70, time.Second)},
		{Name: "alone-100ms", About: "one request at a time, windows of 100 ms", Scenario: alone(2, 130, 100*time.Millisecond)},
		{Name: "alone-5s", About: "one request at a time, windows of 5 s", Scenario: alone(4, 70, 5*time.Second)},
		{Name: "lagging-counters", About: "one request at a time, all energy counters updated every 2.1 s", Scenario: lag},
		{Name: "lagging-cpu-counter", About: "one request at a time, energy counters but the GPU's updated every 2.1 s", Scenario: lagCPU},
	}
}
