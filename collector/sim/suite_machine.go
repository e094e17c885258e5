package sim

import "time"

// suiteMachine is what else goes on on the machine, and how it is sensed.
func suiteMachine() []Named {
	noGPU := office(4)
	noGPU.Sensor.GPUTimes = false
	noGPU.Processes = jobs()
	return []Named{
		{Name: "game", Claim: ClaimOthers, About: "a game takes up to half of the GPU for most of the time", Scenario: game()},
		{Name: "jobs", About: "compile jobs on all cores and video calls beside the requests", Scenario: withJobs()},
		{Name: "no-gpu-times", About: "jobs and video calls, and GPU times of processes cannot be read", Scenario: noGPU},
		{Name: "bad-sensor", About: "noise of 2 %, uneven windows, zeros, powermetrics dies, the machine sleeps", Scenario: badSensor()},
		{Name: "throttled", About: "a machine that must slow down after some minutes of load", Scenario: throttled()},
	}
}

// office is chat and a few agents on four slots.
func office(n int) Scenario {
	return hours(n, serving(4, pathMoE, chat(steady(25)), agents(steady(3))))
}

// game runs in two strengths, with pauses.
func game() Scenario {
	s := office(4)
	play := Process{Name: "game", At: 15 * time.Minute, Every: 80 * time.Minute, For: 40 * time.Minute, Cores: 1.5, GPUBusy: 0.5, GPUWatts: 9}
	menu := Process{Name: "game menu", At: 55 * time.Minute, Every: 80 * time.Minute, For: 15 * time.Minute, Cores: 0.5, GPUBusy: 0.2, GPUWatts: 3}
	s.Processes = []Process{play, menu}
	return s
}

// jobs are compile jobs every 20 minutes and a call every 90.
func jobs() []Process {
	return []Process{
		{Name: "compile", At: 10 * time.Minute, Every: 20 * time.Minute, For: 5 * time.Minute, Cores: 9},
		videoCall(25*time.Minute, 90*time.Minute),
	}
}

func withJobs() Scenario {
	s := office(4)
	s.Processes = jobs()
	return s
}

// badSensor has enough idle work that a zero of the CPU is never true.
func badSensor() Scenario {
	s := office(5)
	s.Chip.IdleCPU, s.Chip.IdleCores = 0.8, 0.2
	s.Sensor.Noise, s.Sensor.MaxStretch, s.Sensor.Zeros = 0.02, 1.2, 0.02
	s.Outages = []Outage{
		{Kind: SensorDown, At: 47 * time.Minute, Every: time.Hour, For: 20 * time.Second},
		{Kind: Asleep, At: 150 * time.Minute, For: 25 * time.Minute},
	}
	return s
}

// throttled gets rid of two thirds of what a full load draws.
func throttled() Scenario {
	src := questions(150)
	src.Burst = Dist{Median: 2, Spread: 0.5, Min: 1, Max: 6}
	s := hours(3, serving(4, pathCoder, src))
	s.Chip.Thermal = Thermal{Watts: 18, Budget: 2500}
	return s
}
