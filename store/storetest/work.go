package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/store"
)

// DaySlots is how many slots of the system a day has.
const DaySlots = 24 * 4

// weekSlots is how many slots Work commits at once.
const weekSlots = 7 * DaySlots

// Work fills a new store with what a machine leaves in so many days of eight
// hours of work: in each of their slots, each of two models answers two tagged
// clients and one that is not. It returns the first and the last instant. Raw
// windows and requests are in it as far as a store that is pruned keeps them.
func Work(t testing.TB, s Store, days int) (since, until time.Time) {
	t.Helper()
	since = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var b attribution.Batch
	for i := range days * DaySlots {
		start := since.Add(time.Duration(i) * store.SlotLength)
		hour := start.Hour()
		workSlot(&b, i, start, hour >= 9 && hour < 17)
		if (i+1)%weekSlots != 0 && i != days*DaySlots-1 {
			continue
		}
		until = start.Add(store.SlotLength)
		b.State.Closed, b.At = b.Bookings[len(b.Bookings)-1].Window.End, until
		commit(t, s, b)
		b = attribution.Batch{}
		pruneAll(t, s, until)
	}
	return since, until
}

func pruneAll(t testing.TB, s Store, now time.Time) {
	t.Helper()
	for more := true; more; {
		p, err := s.Prune(context.Background(), now)
		if err != nil {
			t.Fatalf("prune: %v", err)
		}
		more = p.More
	}
}

// workSlot measures a slot in one window, as odd as figures that are sums of
// many are.
func workSlot(b *attribution.Batch, i int, start time.Time, works bool) {
	w := attribution.Window{Start: start, End: start.Add(store.SlotLength), Scope: attribution.ScopeSoC}
	odd := energy.Joules(1 + float64(i%97)/97)
	w.CPU, w.GPU, w.ANE = attribution.Rail{Energy: 2000.1 * odd, Known: true}, attribution.Rail{Energy: 9000.3 * odd, Known: true}, attribution.Rail{Known: true}
	w.Energy = w.CPU.Energy + w.GPU.Energy
	k := attribution.Booking{Window: w, Baseline: 1000.7 * odd, OtherProcesses: 300.9 * odd}
	left := w.Energy - k.Baseline - k.OtherProcesses
	if works {
		k.Busy, k.ServerOther = 11*time.Minute+time.Duration(i), 20.3*odd
		left -= k.ServerOther
		workOn(b, &k, i, left*3/4)
		left -= k.Inference
	}
	k.Unexplained = left
	b.Bookings = append(b.Bookings, k)
}

// workOn books about "amount" to six requests that end in the slot.
func workOn(b *attribution.Batch, k *attribution.Booking, i int, amount energy.Joules) {
	clients := []string{"", "editor", "chat"}
	for m, model := range []string{"qwen3-coder-30b-a3b-instruct-q4_k_m", "gpt-oss-20b"} {
		k.ModelBusy = append(k.ModelBusy, attribution.ModelBusy{Server: "llama-server", Model: model, Busy: 7*time.Minute + time.Duration(i)})
		for c, client := range clients {
			r := attribution.Request{
				ID: fmt.Sprintf("llama-server/19c12345678/%d", 6*i+3*m+c), Server: "llama-server", Model: model, Client: client,
				Start: k.Window.Start.Add(time.Duration(c+1) * time.Minute), Outcome: attribution.OutcomeOK, Position: int64(6*i+3*m+c) * 731,
				Input: attribution.Known(int64(3000 + i%1000)), Cached: attribution.Known(int64(20_000 + 100*(i%300))), Output: attribution.Known(int64(400 + i%700)),
			}
			r.FirstToken, r.End = r.Start.Add(3*time.Second), r.Start.Add(40*time.Second)
			if client != "" {
				r.Project = "sovmeter"
			}
			j := amount / 6
			k.Shares = append(k.Shares, attribution.Share{
				Request: r.ID, Server: r.Server, Model: model, Client: r.Client, Project: r.Project, Prefill: j / 5, Decode: j * 4 / 5, Error: j / 30, Tier: attribution.TierShared,
			})
			k.Inference += j/5 + j*4/5
			b.Charges = append(b.Charges, attribution.Charge{Request: r, Prefill: j / 5, Decode: j * 4 / 5, Error: j / 20, EnergyKnown: true, Covered: 1, Tier: attribution.TierShared, Scope: attribution.ScopeSoC})
		}
	}
}
