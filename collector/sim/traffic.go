package sim

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// maxSessions bounds how many sessions may be open at once, and so the memory
// of a simulation that is asked for more than its server can do.
const maxSessions = 1024

// traffic is what the clients do: which request arrives next, and when.
type traffic struct {
	rng     *rand.Rand
	start   time.Time
	length  time.Duration // 0: for ever
	context int           // tokens that a request may use
	sources []Source
	begin   timetable // when the next session of each source begins, and sessions for certain
	of      []int     // whose session each entry of begin is
	pending arrivals
	open    int // sessions that have not ended
	made    int // sessions made so far
}

// session is one client that asks again and again.
type session struct {
	id, source int
	turns      int // requests still to come
	context    int // tokens of the conversation so far
}

// arrival is a session's next request.
type arrival struct {
	at      time.Duration
	session *session
}

// newTraffic returns the clients of server i of s.
func newTraffic(s *Scenario, i int) *traffic {
	v := &s.Servers[i]
	t := &traffic{
		rng: serverStream(s.Seed, concernTraffic, i), start: s.Start, length: s.Length,
		context: v.SlotContext, sources: v.Traffic,
	}
	for i := range t.sources {
		t.begin = append(t.begin, due{at: t.wait(i, 0)})
		t.of = append(t.of, i)
	}
	for i := range t.sources {
		for _, at := range t.sources[i].At {
			if t.over(at) {
				continue
			}
			t.begin = append(t.begin, due{at: at})
			t.of = append(t.of, i)
		}
	}
	return t
}

// wait draws when the next session of source i begins, by thinning: as often
// as in the busiest hour, and then kept with the odds of the hour it falls in.
func (t *traffic) wait(i int, now time.Duration) time.Duration {
	hours := t.sources[i].Sessions
	busiest := 0.0
	for _, n := range hours {
		busiest = max(busiest, n)
	}
	if busiest == 0 {
		return never
	}
	for {
		now += time.Duration(t.rng.ExpFloat64() / busiest * float64(time.Hour))
		if t.over(now) {
			return never
		}
		if t.rng.Float64()*busiest < hours[t.start.Add(now).UTC().Hour()] {
			return now
		}
	}
}

// over is true when clients ask no more.
func (t *traffic) over(at time.Duration) bool { return t.length > 0 && at >= t.length }

// next is when the next session begins or the next request arrives.
func (t *traffic) next() time.Duration {
	_, at := t.begin.next()
	if len(t.pending) > 0 {
		at = min(at, t.pending[0].at)
	}
	return at
}

// fire begins a session or returns the request that arrives now; nil when none
// does. New sessions that meet a sleeping machine are lost.
func (t *traffic) fire(now time.Duration, asleep bool) *request {
	if len(t.pending) > 0 && t.pending[0].at <= now {
		return t.ask(heap.Pop(&t.pending).(arrival).session, now)
	}
	i, _ := t.begin.next()
	t.begin.done(i)
	if i < len(t.sources) {
		t.begin[i].at = t.wait(i, now)
	}
	if !asleep {
		t.openBurst(t.of[i], now)
	}
	return nil
}

// openBurst begins a burst of sessions of source i.
func (t *traffic) openBurst(i int, now time.Duration) {
	src := &t.sources[i]
	for n := src.Burst.drawInt(t.rng); n > 0 && t.open < maxSessions; n-- {
		s := &session{id: t.made, source: i, turns: src.Turns.drawInt(t.rng)}
		t.made++
		t.open++
		at := now
		if n > 1 {
			at += time.Duration(t.rng.Float64() * float64(2*time.Second))
		}
		heap.Push(&t.pending, arrival{at: at, session: s})
	}
}

// ask makes the next request of s; nil when its context is full.
func (t *traffic) ask(s *session, now time.Duration) *request {
	src := &t.sources[s.source]
	r := &request{session: s, arrival: now, prefix: src.Prefix, id: -1}
	if s.context == 0 {
		r.prompt = src.Prefix + src.Prompt.drawInt(t.rng)
	} else {
		r.prompt = s.context + 1 + src.Growth.drawInt(t.rng)
	}
	r.output = src.Output.drawInt(t.rng)
	r.cancel = t.rng.Float64() < src.Cancel
	r.cancelAt = t.rng.Float64()
	if r.prompt+r.output > t.context {
		t.open--
		return nil
	}
	s.turns--
	return r
}

// answered lets the session of r go on once its request has ended.
func (t *traffic) answered(r *request, now time.Duration) {
	s := r.session
	s.context = r.prompt + r.out
	at := now + time.Duration(t.sources[s.source].Think.draw(t.rng)*float64(time.Second))
	if s.turns <= 0 || t.over(at) {
		t.open--
		return
	}
	heap.Push(&t.pending, arrival{at: at, session: s})
}

// shift delays what sessions will ask by a sleep of d that begins now.
func (t *traffic) shift(d time.Duration) {
	for i := range t.pending {
		t.pending[i].at += d
	}
}

// arrivals is a heap by time, then by age of the session.
type arrivals []arrival

func (a arrivals) Len() int { return len(a) }
func (a arrivals) Less(i, j int) bool {
	if a[i].at != a[j].at {
		return a[i].at < a[j].at
	}
	return a[i].session.id < a[j].session.id
}
func (a arrivals) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *arrivals) Push(x any)   { *a = append(*a, x.(arrival)) }
func (a *arrivals) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	*a = (*a)[:last]
	return x
}
