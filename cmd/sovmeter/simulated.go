package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/collector"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/sim"
)

// simStep is how far a simulation is advanced at a time: short enough that a
// step never writes more than one document, which always fits into the pipe.
const simStep = 500 * time.Millisecond

// simulated is a simulated Mac whose powermetrics writes into a real pipe and
// whose servers write real log files, read by the same decoder and follower
// that read a real machine's. Its methods may be called from several
// goroutines.
type simulated struct {
	mu       sync.Mutex
	mac      *sim.Mac
	written  []document // in the pipe, not read yet
	died     bool       // powermetrics did, since the last document
	at       time.Time  // the simulated time of what is being written
	reader   *os.File
	writer   *os.File
	logs     []*os.File
	decoder  *powermetrics.Decoder
	timeline *powermetrics.Timeline
	looked   time.Time // end of the last span of process use
}

// startSimulated makes the Mac of a scenario. Each server's log is appended to
// the file logPath in the folder, as a real server would.
func startSimulated(s sim.Scenario, folder string) (*simulated, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("simulated powermetrics: %w", err)
	}
	m := &simulated{
		reader: r, writer: w, looked: s.Start,
		decoder: powermetrics.NewDecoder(r), timeline: powermetrics.NewTimeline(s.Sensor.Interval),
	}
	logs := map[string]io.Writer{}
	for _, server := range s.Servers {
		log, err := os.OpenFile(logPath(folder, server.Name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return nil, firstError(fmt.Errorf("simulated log: %w", err), m.Close())
		}
		m.logs = append(m.logs, log)
		logs[server.Name] = log
	}
	m.mac, err = sim.New(s, sim.Streams{
		Power: documents{m}, Logs: logs,
		Clock: func(t time.Time) { m.at = t },
		Died:  func(time.Time) { m.died = true },
	})
	if err != nil {
		return nil, firstError(err, m.Close())
	}
	return m, nil
}

// document is one document in the pipe.
type document struct {
	end   time.Time // when it was complete
	first bool      // of a powermetrics that was started again
}

// documents notes each document that is written, and writes it to the pipe.
type documents struct{ *simulated }

func (d documents) Write(p []byte) (int, error) {
	d.written = append(d.written, document{d.at, d.died})
	d.died = false
	return d.writer.Write(p)
}

// Close closes the pipe and the logs.
func (m *simulated) Close() error {
	errs := []error{m.writer.Close(), m.reader.Close()}
	for _, log := range m.logs {
		errs = append(errs, log.Close())
	}
	return firstError(errs...)
}

// advance makes all happen that happens until t, and returns what was measured.
func (m *simulated) advance(t time.Time) ([]attribution.Measurement, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.mac.AdvanceTo(t); err != nil {
		return nil, err
	}
	var all []attribution.Measurement
	for _, doc := range m.written {
		if doc.first {
			m.timeline.Restart()
		}
		var s powermetrics.Sample
		if err := m.decoder.Next(&s); err != nil {
			return nil, fmt.Errorf("simulated powermetrics: %w", err)
		}
		all = append(all, m.timeline.Add(&s, doc.end)...)
	}
	m.written = m.written[:0]
	return all, nil
}

// wall is how the whole machine stands.
func (m *simulated) wall() sim.WallState {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mac.Wall()
}

// play meters a scenario to its end as the daemon's loop would: it measures,
// looks at the processes after a sample about every 5 s and polls the logs each
// second. Each simStep is told to tick.
func (m *simulated) play(ctx context.Context, s sim.Scenario, c *collector.Collector, measure func(attribution.Measurement) error, tick func(time.Time)) error {
	end := s.Start.Add(s.Length)
	for t := s.Start.Add(simStep); !t.After(end) || m.mac.Busy(); t = t.Add(simStep) {
		if err := ctx.Err(); err != nil {
			return err
		}
		measured, err := m.advance(t)
		if err != nil {
			return err
		}
		for _, x := range measured {
			if err := measure(x); err != nil {
				return err
			}
		}
		m.look(ctx, c, measured)
		if t.Equal(t.Truncate(collector.DefaultPollEvery)) {
			c.Poll(t)
		}
		tick(t)
	}
	return nil
}

// look takes the processes' use up to the sample that has just come, if it is
// time to.
func (m *simulated) look(ctx context.Context, c *collector.Collector, measured []attribution.Measurement) {
	if len(measured) == 0 {
		return
	}
	_, end := boundsOf(measured[len(measured)-1])
	if end.Sub(m.looked) < collector.DefaultProcessEvery-simStep {
		return
	}
	if span, ok, _ := m.Sample(ctx, end); ok {
		c.Use(span)
	}
}

// Sample is the use of processes since the last call, as a real machine tells
// it.
func (m *simulated) Sample(_ context.Context, now time.Time) (attribution.UsageSpan, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	from := m.looked
	m.looked = now
	u, ok := m.mac.Usage(from, now)
	return attribution.UsageSpan{Start: from, End: now, Usage: u}, ok, nil
}

// Run is the Mac at real speed, as a power source.
func (m *simulated) Run(ctx context.Context, out chan<- attribution.Measurement) error {
	tick := time.NewTicker(simStep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-tick.C:
			measured, err := m.catchUp(now)
			if err != nil {
				return err
			}
			for _, x := range measured {
				select {
				case out <- x:
				case <-ctx.Done():
					return nil
				}
			}
			m.forgetTruth()
		}
	}
}

// catchUp advances to now in steps that the pipe can hold.
func (m *simulated) catchUp(now time.Time) ([]attribution.Measurement, error) {
	var all []attribution.Measurement
	for t := m.now(); ; {
		if t = t.Add(simStep); t.After(now) {
			t = now
		}
		measured, err := m.advance(t)
		if err != nil {
			return nil, err
		}
		all = append(all, measured...)
		if !t.Before(now) {
			return all, nil
		}
	}
}

func (m *simulated) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mac.Now()
}

func (m *simulated) forgetTruth() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mac.TakeTruth()
}

// logPath is where a simulated server logs.
func logPath(folder, server string) string { return filepath.Join(folder, server+"-server.log") }
