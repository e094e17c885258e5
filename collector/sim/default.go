package sim

import "time"

// The models of the ready-made scenarios.
const (
	pathCoder = "/opt/models/qwen2.5-coder-14b-instruct-q4_k_m.gguf"
	pathMoE   = "/opt/models/qwen3-30b-a3b-q4_k_m.gguf"
)

// DefaultDay is one day of a Mac mini that works for a few people and their
// agents: a dense 14B model until 13:00 UTC, a 30B mixture of experts after it,
// a quiet night, a busy afternoon, compile jobs and a video call, powermetrics
// gone for 45 s before noon and the machine asleep for 40 min in the night.
// The caller may change any field, Seed and Start first of all.
func DefaultDay() Scenario {
	s := base()
	s.Length = 24 * time.Hour
	v := llama(4)
	v.Runs = []Run{{Model: pathCoder}, {At: 13 * time.Hour, Model: pathMoE}}
	v.Traffic = []Source{chat(day(0.2, 4, 5, 2)), agents(day(0, 3, 7, 1.5))}
	s.Servers = []Server{v}
	s.Processes = []Process{
		{Name: "compile", At: 9*time.Hour + 50*time.Minute, For: 6 * time.Minute, Cores: 7},
		{Name: "compile", At: 14*time.Hour + 35*time.Minute, For: 9 * time.Minute, Cores: 7},
		videoCall(10*time.Hour, 0),
		videoCall(15*time.Hour+30*time.Minute, 0),
	}
	s.Outages = []Outage{
		{Kind: Asleep, At: 3*time.Hour + 10*time.Minute, For: 40 * time.Minute},
		{Kind: SensorDown, At: 11*time.Hour + 20*time.Minute, For: 45 * time.Second},
	}
	return s
}

// Live is the same machine at work without end: steady traffic at any hour,
// the model changed every two hours, short compile jobs.
func Live() Scenario {
	s := base()
	v := llama(8)
	v.Runs = []Run{
		{Model: pathCoder, Every: 4 * time.Hour},
		{Model: pathMoE, At: 2 * time.Hour, Every: 4 * time.Hour},
	}
	v.Traffic = []Source{chat(day(30, 30, 30, 30)), agents(day(4, 4, 4, 4))}
	s.Servers = []Server{v}
	s.Processes = []Process{
		{Name: "compile", At: 4 * time.Minute, Every: 20 * time.Minute, For: 90 * time.Second, Cores: 6},
		videoCall(30*time.Minute, 2*time.Hour),
	}
	return s
}

// base is the machine without its day.
func base() Scenario {
	return Scenario{
		Seed:   1,
		Start:  time.Date(2026, time.March, 10, 0, 0, 0, 0, time.UTC),
		Chip:   m4Pro(),
		Sensor: Sensor{Interval: time.Second, MinStretch: 1.005, MaxStretch: 1.03, Noise: 0.002, GPUTimes: true, CPUEnergies: true},
		Models: []Model{coder(), moe()},
		Background: Background{
			PerHour: 6, Seconds: Dist{Median: 8, Spread: 0.8, Min: 1, Max: 60}, Cores: Dist{Median: 0.8, Spread: 0.4, Min: 0.2, Max: 2},
		},
	}
}

// llama is a server with so many slots, without runs or traffic.
func llama(slots int) Server {
	return Server{Name: "llama", Slots: slots, SlotContext: 32768, Batch: 512}
}

// m4Pro is a Mac mini with the 12-core M4 Pro.
func m4Pro() Chip {
	return Chip{
		Model: "Mac16,11", OSBuild: "24F74",
		Clusters: []Cluster{
			{Name: "E-Cluster", CPUs: 4, MHz: 2592},
			{Name: "P0-Cluster", CPUs: 4, MHz: 4512, Down: true},
			{Name: "P1-Cluster", CPUs: 4, MHz: 4512, Down: true},
		},
		GPUMHz:  []int{338, 1578},
		IdleCPU: 0.35, IdleGPU: 0.06, IdleJitter: 0.04, IdleCores: 0.06, IdleGPUBusy: 0.004,
		CoreWatts: 3, MaxWatts: 55,
	}
}

// coder is a dense 14B model in four bits: about 26 tokens a second alone, at
// 25 W, which is near 1 J a token.
func coder() Model {
	return Model{
		Path:          pathCoder,
		PrefillJoules: 0.112, StepJoules: 0.84, TokenJoules: 0.11,
		PrefillRate: 310, StepTime: 36 * time.Millisecond, TokenTime: 2 * time.Millisecond,
		CPUShare: 0.04, GPUBusy: 0.97,
		LoadTime: 6 * time.Second, LoadCPU: 5, LoadGPU: 1.2, LoadGPUBusy: 0.05,
	}
}

// moe is a 30B mixture of experts with 3B active: about 62 tokens a second
// alone, near 0.3 J a token; a batch saves less than with a dense model.
func moe() Model {
	return Model{
		Path:          pathMoE,
		PrefillJoules: 0.047, StepJoules: 0.2, TokenJoules: 0.1,
		PrefillRate: 720, StepTime: 14 * time.Millisecond, TokenTime: 2 * time.Millisecond,
		CPUShare: 0.05, GPUBusy: 0.95,
		LoadTime: 9 * time.Second, LoadCPU: 5, LoadGPU: 1.2, LoadGPUBusy: 0.05,
	}
}

// day is a rate by hour: night 0 to 7, morning 8 to 12, afternoon 13 to 18,
// evening 19 to 22, and one hour more of the night.
func day(night, morning, afternoon, evening float64) [24]float64 {
	var h [24]float64
	for i := range h {
		switch {
		case i >= 8 && i <= 12:
			h[i] = morning
		case i >= 13 && i <= 18:
			h[i] = afternoon
		case i >= 19 && i <= 22:
			h[i] = evening
		default:
			h[i] = night
		}
	}
	return h
}

// chat is people who ask a few questions and read the answers.
func chat(sessions [24]float64) Source {
	return Source{
		Name: "chat", Sessions: sessions, Burst: always(1),
		Turns: Dist{Median: 3, Spread: 0.6, Min: 1, Max: 12}, Think: Dist{Median: 35, Spread: 0.7, Min: 4, Max: 300},
		Prefix: 180, Prompt: Dist{Median: 120, Spread: 0.9, Min: 8, Max: 4000},
		Growth: Dist{Median: 60, Spread: 0.8, Min: 4, Max: 2000}, Output: Dist{Median: 320, Spread: 0.7, Min: 8, Max: 1500},
		Cancel: 0.06,
	}
}

// agents loop over tools: many turns with little thought, a long shared system
// prompt, and now and then several at once.
func agents(sessions [24]float64) Source {
	return Source{
		Name: "agent", Sessions: sessions, Burst: Dist{Median: 1.4, Spread: 0.6, Min: 1, Max: 5},
		Turns: Dist{Median: 11, Spread: 0.5, Min: 2, Max: 40}, Think: Dist{Median: 2.5, Spread: 0.8, Min: 0.2, Max: 60},
		Prefix: 2600, Prompt: Dist{Median: 900, Spread: 0.8, Min: 50, Max: 9000},
		Growth: Dist{Median: 420, Spread: 1, Min: 20, Max: 6000}, Output: Dist{Median: 150, Spread: 0.8, Min: 12, Max: 1200},
		Cancel: 0.02,
	}
}

// videoCall is 40 minutes of camera, some screen, and a blurred background.
func videoCall(at, every time.Duration) Process {
	return Process{
		Name: "video call", At: at, Every: every, For: 40 * time.Minute,
		Cores: 0.7, GPUBusy: 0.04, GPUWatts: 0.9, ANEWatts: 0.25,
	}
}
