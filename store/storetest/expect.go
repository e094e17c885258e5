package storetest

import (
	"fmt"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// sumFeed says what sumRange must find, from the bookings and charges alone.
func sumFeed(f *Feed) map[string]float64 {
	sums := map[string]float64{}
	for _, w := range f.Open {
		sums["open"] += float64(w.Energy)
		sums["open seconds"] += w.End.Sub(w.Start).Seconds()
	}
	for _, b := range f.Bookings {
		sumBooking(sums, b)
	}
	for _, g := range f.Gaps {
		sums["energy"] += float64(g.Energy) // zero when not known
		sums["gap"] += float64(g.Energy)
		sums["system error"] += float64(g.Error)
		if g.Scope != "" {
			sums["energy of "+string(g.Scope)] += float64(g.Energy)
			sums["gap of "+string(g.Scope)] += float64(g.Energy)
			sums["error of "+string(g.Scope)] += float64(g.Error)
			sums["gap time of "+string(g.Scope)] += g.End.Sub(g.Start).Seconds()
		}
	}
	for _, c := range f.Charges {
		m := c.Request.Server + " " + c.Request.Model + " "
		sumCharge(sums, m, c)
		if c.Request.Client != "" || c.Request.Project != "" {
			sumCharge(sums, tagName(c.Request.Client, c.Request.Project)+m, c)
		}
	}
	return sums
}

func sumBooking(sums map[string]float64, b attribution.Booking) {
	add := func(name string, j energy.Joules) { sums[name] += float64(j) }
	w := b.Window
	add("energy", w.Energy)
	add("energy of "+string(w.Scope), w.Energy)
	add("system error", w.Error)
	add("error of "+string(w.Scope), w.Error)
	add("cpu", w.CPU.Energy) // zero when not known
	add("gpu", w.GPU.Energy)
	add("ane", w.ANE.Energy)
	add("baseline", b.Baseline)
	add("inference", b.Inference)
	add("model load", b.ModelLoad)
	add("server other", b.ServerOther)
	add("other processes", b.OtherProcesses)
	add("unexplained", b.Unexplained)
	add("baseline busy", b.Baseline*energy.Joules(b.Busy.Seconds()/w.End.Sub(w.Start).Seconds()))
	if b.BaselineAssumed {
		add("baseline assumed", b.Baseline)
	}
	for name, r := range map[string]attribution.Rail{"cpu": w.CPU, "gpu": w.GPU, "ane": w.ANE} {
		if !r.Known {
			sums[name+" unknown"] += w.End.Sub(w.Start).Seconds()
		}
	}
	sums["measured"] += w.End.Sub(w.Start).Seconds()
	sums["measured of "+string(w.Scope)] += w.End.Sub(w.Start).Seconds()
	sums["busy"] += b.Busy.Seconds()
	for _, s := range b.Shares {
		m := s.Server + " " + s.Model + " "
		add(m+"prefill", s.Prefill)
		add(m+"decode", s.Decode)
		add(m+"error", s.Error)
		if s.Tier != attribution.TierMeasured {
			add(m+string(s.Tier), s.Prefill+s.Decode)
		}
		if s.Client != "" || s.Project != "" {
			add(tagName(s.Client, s.Project)+m+"prefill", s.Prefill)
			add(tagName(s.Client, s.Project)+m+"decode", s.Decode)
		}
	}
	for _, l := range b.Loads {
		add(l.Server+" "+l.Model+" load", l.Energy)
	}
	for _, m := range b.ModelBusy {
		sums[m.Server+" "+m.Model+" busy"] += m.Busy.Seconds()
	}
}

func sumCharge(sums map[string]float64, m string, c attribution.Charge) {
	r := c.Request
	sums[m+map[attribution.Outcome]string{
		attribution.OutcomeOK: "ok", attribution.OutcomeCancelled: "cancelled", attribution.OutcomeError: "failed",
	}[r.Outcome]]++
	if c.Late {
		sums[m+"late"]++
	} else if !c.EnergyKnown {
		sums[m+"unmetered"]++
	}
	sumMetered(sums, m, c)
	if !r.Input.Known || !r.Cached.Known || !r.Output.Known {
		sums[m+"unknown"]++
	}
	if r.TokensEstimated {
		sums[m+"counted"]++
	}
	expectUnknown(sums, m+"all ", r)
	expectAnswer(sums, m, r)
	sums[m+"input"] += float64(r.Input.N) // zero when not known
	sums[m+"cached"] += float64(r.Cached.N)
	sums[m+"output"] += float64(r.Output.N)
	if r.FirstToken.IsZero() {
		return
	}
	sums[m+"prefill time"] += r.FirstToken.Sub(r.Start).Seconds()
	if r.Output.Known {
		sums[m+"decode time"] += r.End.Sub(r.FirstToken).Seconds()
		sums[m+"decoded"] += float64(r.Output.N)
	}
}

// sumMetered is what figures per token and per request are made of.
func sumMetered(sums map[string]float64, m string, c attribution.Charge) {
	if c.Late || !c.EnergyKnown {
		return
	}
	if c.Covered < attribution.CoveredEnough {
		sums[m+"partial"]++
		return
	}
	if c.Request.Output.Known {
		sums[m+"metered output"] += float64(c.Request.Output.N)
		sums[m+"metered energy"] += float64(c.Energy())
	}
	if c.Request.Outcome == attribution.OutcomeOK {
		sums[m+"metered ok"]++
		sums[m+"metered ok energy"] += float64(c.Energy())
	}
}

// expectAnswer is what a buyer of tokens would have got of r, by the length of
// the prompt too: above one mark and not above the next.
func expectAnswer(sums map[string]float64, m string, r attribution.Request) {
	if r.Outcome != attribution.OutcomeOK {
		return
	}
	expectTokens(sums, m+"answered ", r)
	if !r.Input.Known || !r.Cached.Known {
		sums[m+"unknown length"]++
		return
	}
	for i, mark := range store.LongPrompts() {
		above := r.Input.N+r.Cached.N > mark
		if next := store.LongPrompts()[i+1:]; len(next) > 0 && r.Input.N+r.Cached.N > next[0] {
			above = false
		}
		if above {
			long := fmt.Sprintf("%sabove %d ", m, mark)
			sums[long+"requests"]++
			expectTokens(sums, long, r)
		}
	}
}

func expectTokens(sums map[string]float64, name string, r attribution.Request) {
	sums[name+"input"] += float64(r.Input.N) // zero when not known
	sums[name+"cached"] += float64(r.Cached.N)
	sums[name+"output"] += float64(r.Output.N)
	expectUnknown(sums, name, r)
}

func expectUnknown(sums map[string]float64, name string, r attribution.Request) {
	for kind, c := range map[string]attribution.Count{"input": r.Input, "cached": r.Cached, "output": r.Output} {
		if !c.Known {
			sums[name+"unknown "+kind]++
		}
	}
}
