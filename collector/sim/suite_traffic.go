package sim

import "time"

// suiteTraffic is different kinds of clients.
func suiteTraffic() []Named {
	return []Named{
		{Name: "overlap-8", Claim: ClaimOverlapping, About: "up to 8 requests of mixed lengths at once on one model, in bursts", Scenario: overlap8()},
		{Name: "saturated-32", About: "32 slots full for hours without a pause, while the idle machine comes to draw more", Scenario: saturated()},
		{Name: "agents", About: "agents whose long contexts are mostly cached, some at once", Scenario: hours(4, serving(6, pathCoder, longAgents(3)))},
		{Name: "cancelled", About: "half of the requests are given up", Scenario: cancelled()},
		{Name: "two-models", Claim: ClaimModels, About: "two servers with a model each, at work at the same time", Scenario: twoModels()},
		{Name: "long-contexts", About: "a decoded token costs more the longer its context, which no meter is told", Scenario: longContexts()},
	}
}

// overlap8 is chat and bursts of single requests on a dense model.
func overlap8() Scenario {
	burst := questions(20)
	burst.Name, burst.Burst = "bursts", Dist{Median: 4, Spread: 0.6, Min: 2, Max: 10}
	return hours(4, serving(8, pathCoder, chat(steady(20)), burst))
}

// saturated never pauses after its two quiet minutes: more is asked than can be
// answered.
func saturated() Scenario {
	src := questions(1900)
	src.Name, src.Output = "crowd", Dist{Median: 500, Spread: 0.7, Min: 20, Max: 2500}
	s := hours(3, serving(32, pathMoE, src))
	s.Chip.Drift = IdleDrift{
		Amplitude: 0.15, Period: 100 * time.Minute,
		Steps: []IdleStep{{At: 50 * time.Minute, Ratio: 1.6}, {At: 130 * time.Minute, Ratio: 1.2}},
	}
	return s
}

// longAgents are agents with much context and many turns.
func longAgents(sessions float64) Source {
	a := agents(steady(sessions))
	a.Prefix, a.Turns = 6000, Dist{Median: 20, Spread: 0.5, Min: 4, Max: 60}
	return a
}

func cancelled() Scenario {
	src := chat(steady(40))
	src.Cancel = 0.5
	return hours(3, serving(4, pathCoder, src))
}

// twoModels are two servers of which each works about half of the time.
func twoModels() Scenario {
	dense, sparse := serving(4, pathCoder, chat(steady(24))), serving(4, pathMoE, agents(steady(7)))
	dense.Name, sparse.Name = "dense", "sparse"
	return hours(4, dense, sparse)
}

// longContexts costs about a fifth more at 10,000 tokens of context.
func longContexts() Scenario {
	s := hours(4, serving(4, pathCoder, longAgents(1.5), chat(steady(10))))
	s.Models[0].ContextJoules = 2e-5
	return s
}
