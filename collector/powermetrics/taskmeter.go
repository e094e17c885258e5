package powermetrics

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Matcher knows a model server's processes by name, which is all that a stream
// tells of them.
type Matcher interface {
	// MatchesName reports whether a process of this name is the server's.
	MatchesName(name string) bool
	// MatchesGroup reports whether a coalition of this name, a launchd label or
	// a bundle identifier, can be the server's own.
	MatchesGroup(label string) bool
}

// TaskMeter makes of the tasks in a stream what one server's processes used and
// what all others did. A task is the server's when its name is, or when it is
// in the server's own coalition: one that bears a name of the server itself, or
// that holds a task of the server and is named after it, such as
// com.electron.ollama. A terminal's coalition is not the server's own: of what
// was started there only the tasks of the right name are.
//
// The tool lists a task only when it used the CPU. So a server that is missing
// from a sample was idle, or not running; but one that no sample lists was more
// likely called something else, and its use is unknown. Scan finds that out.
//
// DEAD_TASKS, all processes that ended within a sample, counts to the others.
// parent_pid is -1 in the recordings that have it, so descent is no help.
//
// GPU times are mostly absent and incomplete where present: 5 to 80 % of the
// GPU's busy time in recordings of desktops. They count as known in a sample
// only when they account for nearly all of that busy time.
type TaskMeter struct {
	server  string
	match   Matcher
	groups  map[string]group // by name: those that hold, or held, a task of the server
	gpuSeen bool             // some sample has GPU times
	scanned bool
	stats   TaskStats
	// gpu is how much of a sample's coalitions' GPU time their tasks account for.
	gpu []time.Duration
}

// group says whose a coalition is that holds a task of the server.
type group uint8

const (
	groupMixed group = iota + 1 // the server's and others'
	groupOwn                    // the server's alone
)

// TaskStats counts samples by what they tell about processes.
type TaskStats struct {
	Samples int64 // all that hold a measurement
	Tasks   int64 // of them, those that list processes
	Server  int64 // of those, the ones with a process of the server
	GPU     int64 // of those with tasks that Use was asked for, the ones whose GPU times are known
}

// NewTaskMeter returns a meter for the configured server of that name.
func NewTaskMeter(server string, match Matcher) *TaskMeter {
	return &TaskMeter{server: server, match: match, groups: map[string]group{}}
}

// Scan reads a whole recording to learn what it holds, before the recording is
// read again for Use. What cannot be decoded is passed over. Without a Scan, Use
// learns as it goes, and knows nothing before it has seen the server.
func (m *TaskMeter) Scan(r io.Reader) error {
	d := NewDecoder(r)
	var s Sample
	for {
		err := d.Next(&s)
		var broken *DocumentError
		switch {
		case err == nil:
			m.learn(&s)
		case errors.As(err, &broken):
		case errors.Is(err, io.EOF):
			m.scanned = true
			return nil
		default:
			return fmt.Errorf("look for processes in powermetrics recording: %w", err)
		}
	}
}

// Stats counts the samples so far.
func (m *TaskMeter) Stats() TaskStats { return m.stats }

// Use is what the server's processes and all others used in a sample; nil when
// nobody can tell.
func (m *TaskMeter) Use(s *Sample) *attribution.Usage {
	if !m.scanned {
		m.learn(s)
	}
	if !lists(s) || m.stats.Server == 0 {
		return nil
	}
	var server, others attribution.Use
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if !t.CPUKnown {
			return nil
		}
		if m.owns(s, t) {
			server.CPU += t.CPU
		} else {
			others.CPU += t.CPU
		}
	}
	u := &attribution.Usage{Others: others}
	u.GPUKnown = m.addGPU(s, &server, &u.Others)
	if u.GPUKnown {
		m.stats.GPU++
	}
	u.Servers = []attribution.ServerUse{{Server: m.server, Use: server}}
	return u
}

// lists reports whether a sample tells about processes.
func lists(s *Sample) bool { return s.IsDelta && len(s.Tasks) > 0 }

// learn notes whose coalitions are and what the sample tells.
func (m *TaskMeter) learn(s *Sample) {
	if !s.IsDelta {
		return
	}
	m.stats.Samples++
	if !lists(s) {
		return
	}
	m.stats.Tasks++
	found := false
	for i := range s.Tasks {
		t := &s.Tasks[i]
		m.gpuSeen = m.gpuSeen || t.GPUKnown
		if !m.bears(t) {
			continue
		}
		found = true
		if t.Coalition >= 0 {
			m.classify(s.Coalitions[t.Coalition].Name)
		}
	}
	for i := range s.Coalitions {
		c := &s.Coalitions[i]
		m.gpuSeen = m.gpuSeen || c.GPUKnown
		if m.match.MatchesName(c.Name) && (m.groups[c.Name] != 0 || len(m.groups) < maxNames) {
			m.groups[c.Name], found = groupOwn, true
		}
	}
	if found {
		m.stats.Server++
	}
}

// classify decides on a coalition that holds a task of the server.
func (m *TaskMeter) classify(name string) {
	if m.groups[name] != 0 || len(m.groups) >= maxNames {
		return
	}
	m.groups[name] = groupMixed
	if m.match.MatchesGroup(name) {
		m.groups[name] = groupOwn
	}
}

// bears reports whether a task has a name of the server. The rows that sum up
// other tasks have pids below 0, the kernel has 0.
func (m *TaskMeter) bears(t *Task) bool { return t.PID > 0 && m.match.MatchesName(t.Name) }

func (m *TaskMeter) owns(s *Sample, t *Task) bool {
	if t.Coalition >= 0 && m.groups[s.Coalitions[t.Coalition].Name] == groupOwn {
		return true
	}
	return m.bears(t)
}
