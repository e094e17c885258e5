package sim

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// startingTime is how long the process takes before it opens the model file.
const startingTime = 15 * time.Millisecond

// ServerRun is one life of the server process.
type ServerRun struct {
	Start time.Time // of the process: its log's stamps count from here
	Model string    // Model.Path
}

// nextRun is when the running process is to be replaced.
func (s *server) nextRun() time.Duration {
	_, at := s.dueRuns.next()
	return at
}

// replace begins to end the running process, since another run is due.
func (s *server) replace(now time.Duration, around surroundings) {
	i, _ := s.dueRuns.next()
	s.dueRuns.done(i)
	s.upcoming, s.leaving, s.abrupt = i, true, s.cfg.Runs[i].Abrupt
	if s.phase == phaseIdle {
		s.settle(now, around)
	}
}

// exit ends the process. What its slots held is lost and its queue waits.
func (s *server) exit(now time.Duration) {
	if !s.abrupt {
		s.log.cleanUp(now)
	}
	for i := range s.slots {
		if r := s.slots[i].busy; r != nil {
			r.outcome, r.end = attribution.OutcomeError, now
			s.log.ending()
			s.free(i, now)
		}
	}
	for _, r := range s.queue {
		r.id = -1
	}
	s.phase, s.at = phaseDown, now+restartPause
}

// start begins a new process.
func (s *server) start(now time.Duration) {
	s.leaving, s.abrupt = false, false
	s.run++
	s.seq, s.graphs = 0, 0
	s.model = s.scenario.model(s.cfg.Runs[s.upcoming].Model)
	s.coreWatts = s.model.CoreWatts
	if s.coreWatts == 0 {
		s.coreWatts = s.scenario.Chip.CoreWatts
	}
	for i := range s.slots {
		s.slots[i] = slot{session: -1, source: -1, used: -1}
	}
	s.runs = append(s.runs, ServerRun{Start: s.scenario.Start.Add(now), Model: s.model.Path})
	s.log.begin(now)
	s.phase, s.at = phaseStarting, now+startingTime
}

// load begins to read the model.
func (s *server) load(now time.Duration) {
	s.log.loading(now, s.model)
	s.phase, s.at = phaseLoading, now+s.model.LoadTime
}
