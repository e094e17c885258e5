package powermetrics

import (
	"slices"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// GPU times are known when what of the GPU's busy time they leave open is at
// most this share of it, or at most that share of the sample: an idle GPU is
// nobody's.
const (
	gpuOpenShare = 0.2
	gpuIdleShare = 0.02
)

// addGPU adds the sample's GPU times and reports whether they are known. They
// are left at 0 when not.
func (m *TaskMeter) addGPU(s *Sample, server, others *attribution.Use) bool {
	if !m.gpuSeen || !s.GPU.BusyKnown {
		return false
	}
	ours, theirs := m.taskGPU(s)
	for i := range s.Coalitions {
		c := &s.Coalitions[i]
		rest := max(c.GPU-m.gpu[i], 0) // that no task of it accounts for
		switch m.groups[c.Name] {
		case groupOwn:
			ours += rest
		case groupMixed: // nobody knows whose
		default:
			theirs += rest
		}
	}
	open := s.GPU.Busy - ours - theirs
	most := max(time.Duration(gpuOpenShare*float64(s.GPU.Busy)), time.Duration(gpuIdleShare*float64(s.Elapsed)))
	if open > most {
		return false
	}
	server.GPU, others.GPU = ours, theirs
	return true
}

// taskGPU sums up the GPU times that stand at tasks, and notes for each
// coalition how much of its own they are.
func (m *TaskMeter) taskGPU(s *Sample) (ours, theirs time.Duration) {
	m.gpu = slices.Grow(m.gpu[:0], len(s.Coalitions))[:len(s.Coalitions)]
	clear(m.gpu)
	for i := range s.Tasks {
		t := &s.Tasks[i]
		if !t.GPUKnown {
			continue
		}
		if m.owns(s, t) {
			ours += t.GPU
		} else {
			theirs += t.GPU
		}
		if t.Coalition >= 0 {
			m.gpu[t.Coalition] += t.GPU
		}
	}
	return ours, theirs
}
