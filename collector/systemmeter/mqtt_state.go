package systemmeter

import (
	"fmt"
	"sync"
	"time"
)

// mqttState is what is known of a device from its topics. The link writes it,
// Read reads it.
type mqttState struct {
	mu      sync.Mutex
	changed chan struct{} // closed, and replaced, with each change
	values  newest
	// link is why there is no connection; nil while there is one.
	link error
	// tried is false until the first connection stands or is refused.
	tried    bool
	presence presence
	// retained is whether a value came that the broker had kept, and none since.
	retained bool
	// fault is why the latest value could not be read; nil when it could.
	fault error
}

func newMQTTState() *mqttState { return &mqttState{changed: make(chan struct{})} }

// change runs f and wakes all who wait.
func (s *mqttState) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// connected notes that there is a connection, or why there is none.
func (s *mqttState) connected(err error) {
	s.change(func() {
		s.link, s.tried = err, true
		if err != nil {
			s.presence = presenceUnknown // the next connection tells it again
		}
	})
}

// take notes a message. What a broker kept has no known age: it may be from
// before the device was unplugged. Only of availability is it taken, which is
// kept for just that.
func (s *mqttState) take(topic string, u mqttUpdate, err error, retained bool, at time.Time) {
	s.change(func() {
		switch {
		case err != nil && !retained:
			s.fault = fmt.Errorf("topic %s: %w", topic, err)
		case err != nil:
		case u.presence == presenceOffline:
			s.presence = presenceOffline
			s.values.forget()
		case u.presence == presenceOnline:
			s.presence = presenceOnline
		case retained:
			s.retained = s.retained || u.HasPower || u.HasEnergy
		default:
			s.value(u, at)
		}
	})
}

func (s *mqttState) value(u mqttUpdate, at time.Time) {
	if !u.HasPower && !u.HasEnergy {
		return
	}
	if u.HasPower {
		s.values.power.set(float64(u.Power), at, at)
	}
	if u.HasEnergy {
		s.values.refine(u.Resolution)
		s.values.byMinute = u.byMinute
		s.values.energy.set(float64(u.Energy), at, at)
	}
	s.retained, s.fault = false, nil
	if s.presence == presenceOffline {
		s.presence = presenceOnline // who speaks is there
	}
}

// oversized notes a message that was dropped unread.
func (s *mqttState) oversized() {
	s.change(func() {
		s.fault = fmt.Errorf("a message is longer than %d KiB: %w", maxMQTTPacket>>10, ErrFormat)
	})
}
