package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// wattHours is a battery's capacity as it is printed on it.
func wattHours(wh float64) energy.Joules { return energy.Joules(wh * 3600) }

// display is the steps of a board whose display is switched on and off: on, it
// draws so many times as much.
func display(ratio float64, onOff ...time.Duration) []IdleStep {
	var steps []IdleStep
	for i, at := range onOff {
		r := ratio
		if i%2 == 1 {
			r = 1
		}
		steps = append(steps, IdleStep{At: at, Ratio: r})
	}
	return steps
}

// mainsDay is a 16-inch MacBook Pro on a desk, with a 140 W adapter and a full
// battery of 100 Wh.
func mainsDay() Scenario {
	s := machine(m4Max("Mac16,5"))
	s.Models = []Model{scaled(coder(), 1.85, 0.65), scaled(moe(), 1.7, 0.75)}
	v := llama(4)
	v.Runs = []Run{{Model: pathCoder}, {At: 14 * time.Hour, Model: pathMoE}}
	v.Traffic = []Source{chat(day(0, 6, 6, 2)), agents(day(0, 2.5, 3, 1))}
	s.Servers = []Server{v}
	s.Processes = []Process{compile(10*time.Hour, 7*time.Minute, 10), videoCall(15*time.Hour, 0)}
	s.Outages = append(s.Outages, Outage{Kind: Asleep, At: 40 * time.Minute, For: 5*time.Hour + 30*time.Minute})
	s.Wall = Wall{
		Board: 3.1, CPU: 1.5, GPU: 2.15, ANE: 1.5,
		Fan:     Fan{Watts: 4, Delay: time.Minute},
		Supply:  Supply{Fixed: 0.3, Share: 0.07, Square: 3500},
		Battery: Battery{Capacity: wattHours(100), Charge: 1, Watts: 60},
		Drift:   IdleDrift{Steps: display(3.2, 7*time.Hour+30*time.Minute, 12*time.Hour+30*time.Minute, 13*time.Hour+15*time.Minute, 19*time.Hour, 20*time.Hour+30*time.Minute, 22*time.Hour)},
		Asleep:  0.5,
	}
	return s
}

// commuterDay is a 14-inch MacBook Pro with a battery of 72.4 Wh that is taken
// along: an hour in a train, three hours of meetings.
func commuterDay() Scenario {
	c := m4Pro()
	c.Model = "Mac16,8"
	s := machine(c)
	v := llama(4)
	v.Runs = []Run{{Model: pathMoE}}
	v.Traffic = []Source{chat(day(0, 5, 7, 2)), agents(day(0, 1.5, 3, 0.5))}
	s.Servers = []Server{v}
	s.Processes = []Process{compile(10*time.Hour+30*time.Minute, 5*time.Minute, 7), videoCall(17*time.Hour, 0)}
	s.Outages = append(s.Outages, Outage{Kind: Asleep, At: 30 * time.Minute, For: 6 * time.Hour})
	s.Wall = Wall{
		Board: 2.6, CPU: 1.4, GPU: 1.8, ANE: 1.5,
		Fan:    Fan{Watts: 3, Delay: 70 * time.Second},
		Supply: Supply{Fixed: 0.25, Share: 0.075, Square: 3000},
		Battery: Battery{
			Capacity: wattHours(72.4), Charge: 1, Watts: 55,
			Unplugged: []Absence{
				{At: 7*time.Hour + 40*time.Minute, Every: 24 * time.Hour, For: time.Hour},
				{At: 13 * time.Hour, Every: 24 * time.Hour, For: 3 * time.Hour},
			},
		},
		Drift:  IdleDrift{Steps: display(3, 7*time.Hour, 12*time.Hour, 12*time.Hour+40*time.Minute, 18*time.Hour+30*time.Minute, 21*time.Hour, 22*time.Hour)},
		Asleep: 0.4,
	}
	return s
}
