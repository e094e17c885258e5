package sim

import "time"

// miniDay is DefaultDay's machine and work with a wall behind it.
func miniDay() Scenario {
	s := DefaultDay()
	s.Wall = Wall{
		Board: 3.6, CPU: 1.4, GPU: 1.85, ANE: 1.5,
		Fan:    Fan{Watts: 2.5, Delay: 90 * time.Second},
		Supply: Supply{Fixed: 0.25, Share: 0.07, Square: 3000},
		Drift:  IdleDrift{Amplitude: 0.03, Period: 24 * time.Hour},
		Asleep: 0.9,
	}
	return s
}

// studioMaxDay serves a team by day and some agents by night.
func studioMaxDay() Scenario {
	s := machine(m4Max("Mac16,9"))
	s.Models = []Model{scaled(coder(), 1.85, 0.65), scaled(moe(), 1.7, 0.75)}
	v := llama(8)
	v.Runs = []Run{{Model: pathMoE}, {At: 9 * time.Hour, Model: pathCoder}, {At: 19 * time.Hour, Model: pathMoE}}
	v.Traffic = []Source{chat(day(0.5, 12, 14, 4)), agents(day(1, 4, 5, 2))}
	s.Servers = []Server{v}
	s.Processes = []Process{compile(10*time.Hour+5*time.Minute, 12*time.Minute, 12), compile(16*time.Hour, 8*time.Minute, 14)}
	s.Wall = Wall{
		Board: 5, CPU: 1.55, GPU: 2.15, ANE: 1.6,
		Fan:    Fan{Watts: 3.5, Delay: 2 * time.Minute},
		Supply: Supply{Fixed: 0.5, Share: 0.075, Square: 6000},
		Drift:  IdleDrift{Amplitude: 0.03, Period: 24 * time.Hour},
		Asleep: 1,
	}
	return s
}

// studioUltraDay has a dense model for questions and a sparse one for agents, at
// work at the same time.
func studioUltraDay() Scenario {
	s := machine(m3Ultra())
	s.Models = []Model{large(), scaled(moe(), 1.36, 1.2)}
	dense := serving(4, pathLarge, chat(day(0.5, 7, 8, 3)))
	sparse := serving(8, pathMoE, agents(day(2, 5, 6, 3)))
	dense.Name, sparse.Name = "dense", "sparse"
	s.Servers = []Server{dense, sparse}
	s.Processes = []Process{compile(14*time.Hour+20*time.Minute, 10*time.Minute, 24)}
	s.Wall = Wall{
		Board: 6.6, CPU: 1.6, GPU: 2.2, ANE: 1.6,
		Fan:    Fan{Watts: 6, Delay: 150 * time.Second},
		Supply: Supply{Fixed: 0.6, Share: 0.07, Square: 8000},
		Drift:  IdleDrift{Amplitude: 0.04, Period: 24 * time.Hour},
		Asleep: 1.4,
	}
	return s
}
