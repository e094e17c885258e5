package sim

import (
	"io"
	"math/rand/v2"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// Streams is where a Mac writes. Each Write to Power is one whole document and
// each Write to a log one whole line, in the order of their times.
type Streams struct {
	Power io.Writer // what powermetrics prints; nil discards it
	// Logs is what each server prints, by Server.Name; what has no writer is
	// discarded.
	Logs map[string]io.Writer
	// Clock, when set, is called before each Write with the simulated time at
	// which a reader would see it: the end of the document's window, or the time
	// of what the line tells of and its delay. It never goes back.
	Clock func(time.Time)
	// Died, when set, is called when powermetrics dies. What is written to
	// Power after it comes from a new process: no NUL stands before its first
	// document.
	Died func(at time.Time)
}

// Mac is the simulated machine. It is not safe for concurrent use.
type Mac struct {
	scenario  Scenario
	streams   Streams
	now       time.Duration // of the last event
	reached   time.Duration // what AdvanceTo was last asked for
	wake      time.Duration // when the sleep ends; never while awake
	sleeps    timetable
	sleepFor  []time.Duration
	servers   []*server
	processes *processes
	sensor    *sensor
	usage     usageHistory
	heat      heat
	idle      load // this window's
	idleNoise *rand.Rand
	works     []work // scratch: of each server
	whole     whole
	totals    Totals
	truth     []Truth
	told      time.Duration // what Clock was told last
}

// New returns the Mac of a scenario at its start, before anything happened. It
// returns ErrScenario for a scenario that cannot be simulated.
func New(s Scenario, out Streams) (*Mac, error) {
	if err := s.validate(); err != nil {
		return nil, err
	}
	m := &Mac{scenario: s, streams: out, wake: never, told: -1, heat: heat{cfg: s.Chip.Thermal}, idleNoise: stream(s.Seed, concernIdle)}
	if m.streams.Power == nil {
		m.streams.Power = io.Discard
	}
	for i := range s.Servers {
		log := newLogWriter(&m.scenario, i, out.Logs[s.Servers[i].Name], m.tell)
		m.servers = append(m.servers, newServer(&m.scenario, i, log, m.ended))
	}
	m.works = make([]work, len(m.servers))
	m.processes = newProcesses(&m.scenario)
	m.sensor = newSensor(&m.scenario, m.streams.Power, m.tell, m.died)
	for _, o := range s.Outages {
		if o.Kind == Asleep {
			m.sleeps = append(m.sleeps, due{at: o.At, every: o.Every})
			m.sleepFor = append(m.sleepFor, o.For)
		}
	}
	m.idle = m.idleLoad()
	m.whole = newWhole(&m.scenario, m.idle)
	return m, nil
}

// uptime is how long the machine has been up at Scenario.Start.
const uptime = 75*time.Hour + 12*time.Minute

// Now is how far the simulation has come: the time of the last event.
func (m *Mac) Now() time.Time { return m.time(m.now) }

// AdvanceTo makes all happen that happens until t, t included. A t that is not
// later than the last one does nothing. It returns the first error that one of
// the streams returned; nothing more happens after it.
func (m *Mac) AdvanceTo(t time.Time) error {
	until := t.Sub(m.scenario.Start)
	for m.err() == nil {
		at := m.next()
		if at > until {
			break
		}
		if m.deliver(at) {
			continue
		}
		m.integrate(at)
		m.fire()
		m.repace()
	}
	m.reached = max(m.reached, until)
	return m.err()
}

// Run advances until the clients have stopped asking, the last request has
// been answered and the documents that cover it are written. It returns
// ErrEndless for a scenario without a Length.
func (m *Mac) Run() error {
	if m.scenario.Length == 0 {
		return ErrEndless
	}
	err := m.AdvanceTo(m.time(m.scenario.Length))
	for err == nil && (m.Busy() || m.sensor.dark() || m.sensor.begin < m.lastLine()) {
		err = m.AdvanceTo(m.time(m.next()))
	}
	return err
}

// lastLine is when the last log line is written, at the end of Length or after
// it.
func (m *Mac) lastLine() time.Duration {
	at := m.scenario.Length
	for _, s := range m.servers {
		at = max(at, s.log.cursor)
	}
	return at
}

// next is when anything happens.
func (m *Mac) next() time.Duration {
	at := min(m.processes.next(), m.sensor.at, m.sensor.registers.at, m.wake)
	for _, s := range m.servers {
		at = min(at, s.next(), s.clients.next(), s.log.next())
		if m.wake == never {
			at = min(at, s.nextRun())
		}
	}
	if m.wake != never {
		return at
	}
	_, sleep := m.sleeps.next()
	at = min(at, sleep)
	if m.heat.on() {
		f := m.flow()
		at = min(at, m.heat.next(m.now, f.watts()))
	}
	return at
}

// fire makes one of the things happen that are due now. Their order at equal
// times is fixed.
func (m *Mac) fire() {
	now := m.now
	i, sleep := m.sleeps.next()
	switch {
	case m.wake <= now:
		m.wake = never
	case sleep <= now && m.wake == never:
		m.sleeps.done(i)
		m.sleep(m.sleepFor[i])
	case m.sensor.registers.at <= now:
		m.sensor.registers.update()
	case m.sensor.at <= now:
		m.sample()
	case m.processes.next() <= now:
		m.processes.fire(now)
	default:
		for _, s := range m.servers {
			if m.fireServer(s) {
				return
			}
		}
	}
}

// sample closes the sensor's window, if one is open, and begins another.
func (m *Mac) sample() {
	m.totals.close(m.sensor)
	m.sensor.fire(m.now)
	m.idle = m.idleLoad()
	m.whole.drift(m.now)
}

// sleep stops everything for d.
func (m *Mac) sleep(d time.Duration) {
	m.wake = m.now + d
	for _, s := range m.servers {
		s.shift(d)
		s.log.shift(d)
		s.clients.shift(d)
	}
	m.sensor.shift(d)
}

// integrate books all energy and time from the last event to at.
func (m *Mac) integrate(at time.Duration) {
	d := at - m.now
	m.now = at
	if d == 0 {
		return
	}
	if m.wake != never {
		m.heat.add(0, d)
		m.totals.Wall.Baseline += m.whole.add(m.whole.asleep(), at-d, d).baseline
		return
	}
	f := m.flow()
	throttled := m.heat.hot // until now
	m.heat.add(f.watts(), d)
	took := m.whole.add(m.whole.awake(&f), at-d, d)
	each, _ := took.perWatt(&f)
	wall := took.parts(&f)
	m.totals.add(&f, d, wall)
	m.usage.add(&f, at-d, d, m.scenario.Chip.CoreWatts)
	for i, s := range m.servers {
		if s.phase != phaseStepping {
			continue
		}
		s.seg.wall.add(&f.servers[i], each, m.sensor.blind())
		throttled = throttled || s.seg.throttled
		if m.sensor.blind() {
			s.seg.dark.time += d
		}
	}
	m.sensor.add(&f, d, throttled, wall)
}

// flow is what the chip does until the next event. It is good until the next
// call.
func (m *Mac) flow() flow {
	f := flow{idle: m.idle, others: m.processes.load, servers: m.works}
	for i, s := range m.servers {
		m.works[i] = s.work()
	}
	f.fit(m.scenario.Chip.cpus())
	return f
}

// idleLoad draws what the idle machine does for the next window.
func (m *Mac) idleLoad() load {
	c := &m.scenario.Chip
	f := energy.Watts(max(1+c.IdleJitter*m.idleNoise.NormFloat64(), 0.2) * c.Drift.at(m.now))
	return load{cpu: c.IdleCPU * f, gpu: c.IdleGPU * f, ane: c.IdleANE * f, cores: c.IdleCores, gpuBusy: c.IdleGPUBusy}
}

// time is the wall time of a simulated time.
func (m *Mac) time(d time.Duration) time.Time { return m.scenario.Start.Add(d).UTC() }

// tell tells Clock the time of what is written next.
func (m *Mac) tell(at time.Duration) {
	m.told = max(m.told, at)
	if m.streams.Clock != nil {
		m.streams.Clock(m.time(m.told))
	}
}

// died tells Died that powermetrics is gone.
func (m *Mac) died(at time.Duration) {
	if m.streams.Died != nil {
		m.streams.Died(m.time(at))
	}
}

// err is the first error of a stream.
func (m *Mac) err() error {
	for _, s := range m.servers {
		if s.log.err != nil {
			return s.log.err
		}
	}
	return m.sensor.err
}
