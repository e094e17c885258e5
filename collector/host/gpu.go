package host

import "time"

// gpuClock differences GPU clients between two polls.
type gpuClock struct {
	before map[gpuKey]time.Duration // nil when the last poll could not read them
	err    error                    // why the last poll could not
}

// gpuKey tells clients apart: by their own number, or, where the system gives
// none, all of a process together.
type gpuKey struct {
	id      uint64
	process identity
}

// add books the GPU time since the last poll and reports whether it is known.
// Clients of processes that are not listed are left for the next poll: the
// process began or ended just now.
func (g *gpuClock) add(t *tally, f *families, clients []GPUClient, err error, span time.Duration) bool {
	g.err = err
	if err != nil {
		g.before = nil
		return false
	}
	now := make(map[gpuKey]time.Duration, len(clients))
	owners := make(map[gpuKey]int, len(clients))
	for _, c := range clients {
		k := f.byPID[c.PID]
		if k == nil {
			continue
		}
		key := gpuKey{c.ID, k.identity()}
		now[key] += c.Time
		owners[key] = k.owner
	}
	before := g.before
	g.before = now
	if before == nil {
		return false
	}
	for key, total := range now {
		was, seen := before[key]
		if !seen {
			was = max(0, total-span) // a new client has worked no longer than since the last poll
		}
		t.of(owners[key]).GPU += max(0, total-was)
	}
	return true
}
