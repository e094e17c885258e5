package store_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// typical makes the batches of a busy machine: each is ten windows of about a
// second that are measured and booked, with five requests, and a state such as
// an hour of work leaves.
type typical struct {
	rand *rand.Rand
	now  time.Time
	n    int
}

func newTypical() *typical {
	return &typical{rand: rand.New(rand.NewPCG(1, 2)), now: time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC)}
}

func (y *typical) millijoules(most int64) energy.Joules {
	return energy.FromMillijoules(y.rand.Int64N(most))
}

func (y *typical) duration(most time.Duration) time.Duration {
	return time.Duration(y.rand.Int64N(int64(most)))
}

func (y *typical) batch() attribution.Batch {
	b := attribution.Batch{Checkpoints: []attribution.Checkpoint{{Source: "/opt/llama/server.log", Data: make([]byte, 120)}}}
	for range 10 {
		w := y.window()
		b.Windows = append(b.Windows, w)
		b.Bookings = append(b.Bookings, y.booking(w))
	}
	for range 5 {
		b.Charges = append(b.Charges, y.charge())
	}
	b.At = y.now
	b.State = y.state()
	return b
}

func (y *typical) window() attribution.Window {
	w := attribution.Window{Start: y.now, End: y.now.Add(time.Second + y.duration(9*time.Millisecond)), Scope: attribution.ScopeSoC}
	for i, r := range []*attribution.Rail{&w.CPU, &w.GPU, &w.ANE} {
		*r = attribution.Rail{Energy: y.millijoules([]int64{12_000, 40_000, 1}[i]), Known: true}
		if i < 2 {
			r.BusyKnown, r.Busy = true, y.duration(time.Second)
		}
		w.Energy += r.Energy
	}
	use := func() attribution.Use {
		return attribution.Use{CPU: y.duration(time.Second), GPU: y.duration(time.Second), CPUEnergy: energy.Joules(y.rand.Float64())}
	}
	w.Usage = &attribution.Usage{Servers: []attribution.ServerUse{{Server: "llama", Use: use()}}, Others: use(), GPUKnown: true, CPUEnergyKnown: true}
	y.now = w.End
	return w
}

func (y *typical) model() string {
	return []string{"Qwen3-8B-Q4_K_M", "Llama-3.3-70B-Instruct-Q4_K_M", "gpt-oss-20b"}[y.rand.IntN(3)]
}

func (y *typical) booking(w attribution.Window) attribution.Booking {
	b := attribution.Booking{Window: w, Busy: w.End.Sub(w.Start)}
	left := w.Energy
	for _, p := range []*energy.Joules{&b.Baseline, &b.ServerOther, &b.OtherProcesses, &b.Unexplained} {
		*p = left * energy.Joules(y.rand.Float64()/8)
		left -= *p
	}
	b.Inference = left
	model := y.model()
	b.Shares = []attribution.Share{{Server: "llama", Model: model, Prefill: left / 8, Decode: left - left/8, Error: left / 50, Tier: attribution.TierShared}}
	b.ModelBusy = []attribution.ModelBusy{{Server: "llama", Model: model, Busy: b.Busy}}
	return b
}

// charge is a request as llama-server's log gives it: times in microseconds,
// and an id of the server's name, its start and the task.
func (y *typical) charge() attribution.Charge {
	y.n++
	end := y.now.Add(-y.duration(10 * time.Second)).Truncate(time.Microsecond)
	r := attribution.Request{
		ID: fmt.Sprintf("llama/%d/%d", time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC).UnixMilli(), y.n), Server: "llama", Model: y.model(),
		Start: end.Add(-y.duration(90 * time.Second).Truncate(time.Microsecond)), End: end, Position: int64(y.n) * 731,
		Input: attribution.Known(y.rand.Int64N(4000)), Cached: attribution.Known(y.rand.Int64N(30_000)), Output: attribution.Known(y.rand.Int64N(1200)),
		Outcome: attribution.OutcomeOK,
	}
	r.Context = attribution.Known(r.Input.N + r.Cached.N + r.Output.N)
	r.FirstToken = r.Start.Add((end.Sub(r.Start) / 5).Truncate(time.Microsecond))
	return attribution.Charge{
		Request: r, EnergyKnown: true, Covered: 1, Tier: attribution.TierShared, Scope: attribution.ScopeSoC,
		Prefill: energy.Joules(y.rand.Float64() * 60), Decode: energy.Joules(y.rand.Float64() * 900), Error: energy.Joules(y.rand.Float64() * 40),
	}
}

// call is one that a gateway passed on to a server elsewhere.
func (y *typical) call() attribution.RemoteCall {
	c := y.charge().Request
	return attribution.RemoteCall{
		ID: c.ID, Server: "llama", Provider: "anthropic", Model: "claude-sonnet-4-5", Start: c.Start, End: c.End, Position: c.Position, Outcome: c.Outcome,
		Input: c.Input, Cached: c.Cached, CacheWrite: attribution.Known(y.rand.Int64N(9000)), Output: c.Output,
		Spend: attribution.NanoUSD(y.rand.Int64N(300_000_000)), SpendKnown: true,
	}
}

func (y *typical) state() attribution.State {
	s := attribution.State{Closed: y.now, LastEnd: y.now}
	minute := y.now.Truncate(time.Minute)
	for i := range 120 {
		s.Quiet = append(s.Quiet, attribution.QuietMinute{
			Start: minute.Add(time.Duration(i-120) * time.Minute), Length: 59*time.Second + time.Duration(i),
			CPU: energy.Joules(i) / 7, GPU: energy.Joules(i) / 9, All: energy.Joules(i) / 3,
			CPUBusy: 7*time.Second + time.Duration(i), GPUBusy: 90*time.Millisecond + time.Duration(i),
			Others:  attribution.Use{CPU: 6*time.Second + time.Duration(i), GPU: 80 * time.Millisecond, CPUEnergy: energy.Joules(i) / 11},
			Watched: 59*time.Second + time.Duration(i),
		})
	}
	for range 4 {
		s.Requests = append(s.Requests, attribution.OpenRequest{Request: y.charge().Request})
	}
	return s
}
