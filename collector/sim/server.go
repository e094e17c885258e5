package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// maxQueue bounds how many requests wait for a slot; further ones are refused.
const maxQueue = 512

// maxServers bounds how many servers one machine has: each is in every entry of
// the usage history.
const maxServers = 4

// restartPause is the time between the exit of one server process and the
// start of the next.
const restartPause = 1500 * time.Millisecond

// phase is what the server process does until its next event.
type phase int

const (
	phaseDown     phase = iota // no process; the next event starts one
	phaseStarting              // parsing options; then it loads the model
	phaseLoading
	phaseIdle     // waits for a request
	phasePausing  // handles tasks, until there are no more
	phaseStepping // runs the segment
)

// slot is one sequence the server can work on.
type slot struct {
	busy    *request
	session int // whose context its cache holds; -1 before the first
	source  int
	tokens  int           // in its cache
	used    time.Duration // when it was last released; -1 before the first time
}

// server is a model server: one process after the other.
type server struct {
	cfg      *Server
	scenario *Scenario // where the models are looked up
	clients  *traffic
	log      *logWriter
	ended    func(*server, *request, time.Duration)
	dueRuns  timetable

	phase     phase
	at        time.Duration // when the phase ends
	run       int           // index of the process, from 0
	runs      []ServerRun
	upcoming  int // index into Server.Runs of the next process
	leaving   bool
	abrupt    bool
	model     *Model
	coreWatts energy.Watts
	slots     []slot
	queue     []*request
	seq       int // next task number: every step takes one too
	graphs    int // steps so far, which the log tells as graphs reused
	seg       segment
}

// newServer returns server i of s and its clients, started at the first run.
func newServer(s *Scenario, i int, log *logWriter, ended func(*server, *request, time.Duration)) *server {
	cfg := &s.Servers[i]
	v := &server{
		cfg: cfg, scenario: s, clients: newTraffic(s, i), log: log, ended: ended,
		slots: make([]slot, cfg.Slots), run: -1,
	}
	for _, r := range cfg.Runs {
		v.dueRuns = append(v.dueRuns, due{at: r.At, every: r.Every})
	}
	v.dueRuns.done(0)
	return v
}

// next is when the server's phase ends or its clients give up.
func (s *server) next() time.Duration {
	switch s.phase {
	case phaseIdle:
		return never
	case phaseStepping:
		return min(s.at, s.seg.cancelAt)
	}
	return s.at
}

// fire ends the phase that is over now.
func (s *server) fire(now time.Duration, around surroundings) {
	switch s.phase {
	case phaseDown:
		s.start(now)
	case phaseStarting:
		s.load(now)
	case phaseLoading:
		s.log.loaded(now, len(s.slots), s.cfg.SlotContext)
		s.settle(now, around)
	case phasePausing:
		s.settle(now, around)
	case phaseStepping:
		s.step(now, around)
	}
}

// step tells of clients that gave up, or ends the segment.
func (s *server) step(now time.Duration, around surroundings) {
	if now < s.seg.end {
		s.seg.cancelAt = never
		for _, sl := range s.slots {
			if r := sl.busy; r != nil && r.cancel && r.endsIn(s.seg.steps) {
				s.log.cancel(now, r)
				s.seq++
			}
		}
		return
	}
	s.apply(now)
	s.release(now)
	s.settle(now, around)
}

// release lets go of all requests that are finished.
func (s *server) release(now time.Duration) {
	for i := range s.slots {
		r := s.slots[i].busy
		if r == nil {
			continue
		}
		if !r.finished() {
			s.progress(r, now)
			continue
		}
		s.log.ending()
		if r.outcome == attribution.OutcomeOK {
			s.log.timings(now, r, s.graphs)
		}
		r.end = s.log.release(now, r)
		s.free(i, now)
	}
}

// free empties slot i and hands its request on.
func (s *server) free(i int, now time.Duration) {
	r := s.slots[i].busy
	s.log.record(r, s.model)
	s.slots[i] = slot{session: r.session.id, source: r.session.source, tokens: r.tokens(), used: r.end}
	s.ended(s, r, now)
}

// progress tells of a long request.
func (s *server) progress(r *request, now time.Duration) {
	if r.out < firstProgress || (r.toldOut > 0 && now-r.told < progressEvery) {
		return
	}
	s.log.progress(now, r)
	r.told, r.toldOut = now, r.out
}

// settle decides what to do next: leave, take in requests, work or wait.
func (s *server) settle(now time.Duration, around surroundings) {
	if s.leaving && (s.abrupt || s.working() == 0) {
		s.exit(now)
		return
	}
	wrote := s.takeIn(now)
	switch {
	case s.working() == 0:
		s.phase = phaseIdle
	case wrote:
		s.phase, s.at = phasePausing, max(s.log.cursor, now)
	default:
		s.plan(now, around)
		s.phase, s.at = phaseStepping, s.seg.end
	}
}

// working is how many slots are busy.
func (s *server) working() int {
	n := 0
	for _, sl := range s.slots {
		if sl.busy != nil {
			n++
		}
	}
	return n
}

// takeIn numbers the requests that have arrived and launches those for which
// a slot is free. It reports whether it launched any.
func (s *server) takeIn(now time.Duration) bool {
	for _, r := range s.queue {
		if r.id < 0 {
			r.id = s.seq
			s.seq++
		}
	}
	launched := false
	for len(s.queue) > 0 && !s.leaving {
		i, common := s.pick(s.queue[0])
		if i < 0 {
			break
		}
		r := s.queue[0]
		s.queue = s.queue[1:]
		r.slot = i
		s.log.selected(now, r, s.slots[i], common)
		r.launch(common, s.log.launch(now, r))
		s.slots[i].busy = r
		launched = true
	}
	return launched
}

// pick chooses a free slot as llama-server does: the one whose cache shares
// the longest beginning with the prompt, or, when none shares a tenth of it,
// the one that has been free the longest. It returns how much the slot shares.
func (s *server) pick(r *request) (slot, common int) {
	best, oldest := -1, -1
	for i := range s.slots {
		if s.slots[i].busy != nil {
			continue
		}
		if n := s.slots[i].common(r); n*10 > r.prompt && (best < 0 || n > common) {
			best, common = i, n
		}
		if oldest < 0 || s.slots[i].used < s.slots[oldest].used {
			oldest = i
		}
	}
	if best >= 0 || oldest < 0 {
		return best, common
	}
	return oldest, s.slots[oldest].common(r)
}

// common is how many leading tokens of the prompt the slot's cache holds. One
// token at least is always read anew.
func (sl slot) common(r *request) int {
	switch {
	case sl.session == r.session.id:
		return sl.tokens // a session only ever adds to its context
	case sl.source == r.session.source:
		return min(sl.tokens, r.prefix, r.prompt-1)
	}
	return 0
}

// enqueue takes a request that has arrived; false refuses it.
func (s *server) enqueue(r *request, now time.Duration, around surroundings) bool {
	if len(s.queue) >= maxQueue {
		return false
	}
	s.queue = append(s.queue, r)
	if s.phase == phaseIdle {
		s.settle(now, around)
	}
	return true
}

// shift delays the running phase by a sleep of d that begins now.
func (s *server) shift(d time.Duration) {
	if s.phase == phaseIdle {
		return
	}
	s.at += d
	if s.phase == phaseStepping {
		s.seg.end += d
		s.seg.dark.slept += d
		if s.seg.cancelAt != never {
			s.seg.cancelAt += d
		}
	}
}

// work is what the server does to the chip now.
func (s *server) work() work {
	switch s.phase {
	case phaseStepping:
		return s.seg.work
	case phaseLoading:
		w := work{loading: s.model.LoadCPU + s.model.LoadGPU}
		w.cpu, w.gpu, w.gpuBusy = s.model.LoadCPU, s.model.LoadGPU, s.model.LoadGPUBusy
		w.cores = float64(s.model.LoadCPU / s.coreWatts)
		return w
	}
	return work{}
}
