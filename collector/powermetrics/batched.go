package powermetrics

import (
	"math/bits"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

const (
	// judgedOver is over how many samples in which a rail was busy it is judged
	// whether its counter is batched.
	judgedOver = 20
	// batchedFrom of them must read 0 to call it batched, and batchedUntil to go
	// on with that. Where one sample in ten is lost there are 2 of 20 on average.
	batchedFrom, batchedUntil = 8, 4
)

// history tells a rail whose energy counter is published in batches from one
// that reads 0 now and then, or for good.
//
// Only samples in which the rail was so busy that a 0 contradicts it count:
// a machine that idles for an hour says nothing. A batched counter reads 0
// regularly, as two clocks beat: one of zeros and other samples comes alone
// always, and the other in runs of the same length, give or take one. Samples
// that are lost at random have no such order.
type history struct {
	zeros   uint32 // bit 0: the newest sample read 0
	samples int
	batched bool
}

// note takes the rail's next sample. zero says that it reads 0 though it was busy
// for longer than the limit.
func (h *history) note(r attribution.Rail, zero bool, limit time.Duration) {
	if zero || r.Known && r.Energy > 0 && (!r.BusyKnown || r.Busy > limit) {
		h.add(zero)
	}
}

// add takes a sample in which the rail was busy.
func (h *history) add(zero bool) {
	h.zeros = h.zeros << 1 & (1<<judgedOver - 1)
	if zero {
		h.zeros |= 1
	}
	h.samples = min(h.samples+1, judgedOver)
	n := bits.OnesCount32(h.zeros)
	if h.batched {
		h.batched = n >= batchedUntil
		return
	}
	h.batched = n >= batchedFrom && h.regular()
}

// regular reports whether zeros and other samples alternate in runs as two clocks
// make them. Only runs between two others are looked at: the rest of the first
// and the last is not known.
func (h *history) regular() bool {
	var kinds [2]lengths
	run, runs := 1, 0
	for i := 1; i < h.samples; i++ {
		kind := h.zeros >> (i - 1) & 1
		if h.zeros>>i&1 == kind {
			run++
			continue
		}
		if runs++; runs > 1 {
			kinds[kind].add(run)
		}
		run = 1
	}
	zeros, others := kinds[1], kinds[0]
	return others.even() && (zeros.most == 0 || zeros.even()) && min(zeros.most, others.most) <= 1
}

// lengths are those of runs; zero without any.
type lengths struct{ least, most int }

func (l *lengths) add(n int) {
	if l.most == 0 {
		l.least = n
	}
	l.least, l.most = min(l.least, n), max(l.most, n)
}

// even reports whether there are runs, all of the same length give or take one.
func (l lengths) even() bool { return l.most > 0 && l.most-l.least <= 1 }
