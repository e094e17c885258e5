package sim

import (
	"slices"
	"time"
)

// Runs returns the processes of a server started so far, oldest first; nil
// when there is no server of that name. A log's stamps count from the start of
// its process.
func (m *Mac) Runs(server string) []ServerRun {
	for _, s := range m.servers {
		if s.cfg.Name == server {
			return append([]ServerRun(nil), s.runs...)
		}
	}
	return nil
}

// Busy is true while a request is in flight or waits, or a log line that was
// delayed is still to come.
func (m *Mac) Busy() bool {
	return slices.ContainsFunc(m.servers, func(s *server) bool {
		return s.working() > 0 || len(s.queue) > 0 || s.log.next() != never
	})
}

// deliver writes a late log line that is due at, and reports whether there was
// one. That is no event: it changes nothing on the machine, and cutting its
// energy there would round it otherwise than without the delay.
func (m *Mac) deliver(at time.Duration) bool {
	for _, s := range m.servers {
		if s.log.next() <= at {
			s.log.deliver(at)
			return true
		}
	}
	return false
}

// fireServer makes one of the things happen that are due at a server now. It
// reports whether there was one.
func (m *Mac) fireServer(s *server) bool {
	now := m.now
	switch {
	case s.next() <= now:
		s.fire(now, m.around(s))
	case s.nextRun() <= now && m.wake == never:
		s.replace(now, m.around(s))
	case s.clients.next() <= now:
		m.arrive(s)
	default:
		return false
	}
	return true
}

// arrive takes in what clients ask of a server now.
func (m *Mac) arrive(s *server) {
	r := s.clients.fire(m.now, m.wake != never)
	if r != nil && !s.enqueue(r, m.now, m.around(s)) {
		s.clients.open--
	}
}

// repace lets each server's steps take notice of what the others do now, and of
// the heat.
func (m *Mac) repace() {
	if len(m.servers) == 1 && !m.heat.on() || m.wake != never {
		return
	}
	for _, s := range m.servers {
		if s.phase != phaseStepping {
			continue
		}
		if around := m.around(s); around.pressure != s.seg.pressure {
			s.repace(m.now, around)
		}
	}
}

// ended keeps the truth of a request and lets its client go on.
func (m *Mac) ended(s *server, r *request, now time.Duration) {
	m.truth = append(m.truth, m.account(s, r))
	s.clients.answered(r, now)
}

// around is what the steps of a server have to live with.
func (m *Mac) around(s *server) surroundings {
	a := surroundings{horizon: min(s.clients.next(), m.processes.next(), s.nextRun())}
	a.pressure.max = m.heat.limit(m.scenario.Chip.MaxWatts)
	for _, o := range m.servers {
		switch {
		case o == s:
		case o.working() > 0:
			a.pressure.working++
		case o.phase == phaseLoading:
			a.pressure.loading = a.pressure.loading.plus(o.work().load)
		}
	}
	a.others = m.processes.load.plus(m.idle).plus(a.pressure.loading)
	return a
}
