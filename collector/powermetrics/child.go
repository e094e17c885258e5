package powermetrics

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// maxGarbage is how many bytes without a sample among them we read before we
// take the executable for something else.
const maxGarbage = 1 << 20

// ending is how one child fared.
type ending struct {
	err     error // of the start, or of its exit
	started bool
	samples int64
	ran     time.Duration
	garbage int64 // bytes since the newest sample
	odd     bool  // it printed something that is not a sample, and not just cut
	silent  bool  // it was ended for printing no sample
	notes   *notes
	refused string
}

// child runs the tool once, from start to end. When it returns, the child and
// whatever it started are gone.
//
// SIGPIPE must keep its default here: a child that inherits it ignored goes on
// for ever after its reader died.
func (s *session) child(ctx context.Context) (e ending) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	e.notes = &notes{log: s.log, now: s.now, onLine: func() { s.r.count(func(st *Stats) { st.StderrLines++ }) }}
	stdout, pipe := io.Pipe()
	cmd := exec.CommandContext(ctx, s.path, s.args.list()...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Stdout, cmd.Stderr = pipe, e.notes
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return signalGroup(cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = s.grace

	began := s.now()
	s.r.count(func(st *Stats) { st.Starts++ })
	if e.err = cmd.Start(); e.err != nil {
		return e
	}
	e.started = true
	s.r.count(func(st *Stats) { st.PID = cmd.Process.Pid })
	exit := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		// The child is reaped. Its process group keeps the number taken as long
		// as anything it started is alive, so this hits nobody else.
		_ = signalGroup(cmd.Process.Pid, syscall.SIGKILL)
		_ = pipe.Close()
		exit <- err
	}()
	var first head
	s.consume(ctx, stop, io.TeeReader(stdout, &first), &e)
	stop(nil)
	_ = stdout.Close() // frees a child that is writing
	e.err = <-exit
	e.ran = s.now().Sub(began)
	e.silent = errors.Is(context.Cause(ctx), ErrSilent)
	s.r.count(func(st *Stats) { st.PID = 0 })
	e.notes.close()
	e.notes.understandHead(first.b)
	e.refused = e.notes.refused
	e.odd = e.odd || e.samples == 0 && first.foreign()
	return e
}

// signalGroup signals the process group that a child leads.
func signalGroup(pid int, sig syscall.Signal) error {
	err := syscall.Kill(-pid, sig)
	if errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.EPERM) { // EPERM: only zombies are left (darwin)
		return os.ErrProcessDone
	}
	return err
}

// consume reads the child's stream until it ends, ctx does, or the child is
// given up.
func (s *session) consume(ctx context.Context, stop context.CancelCauseFunc, stream io.Reader, e *ending) {
	watch := time.AfterFunc(s.patience, func() { stop(ErrSilent) })
	defer watch.Stop()
	d := NewDecoder(stream)
	var sample Sample
	for {
		err := d.Next(&sample)
		arrival := s.now()
		if ctx.Err() != nil { // what was cut is cut by us
			return
		}
		var broken *DocumentError
		var found []attribution.Measurement
		switch {
		case errors.As(err, &broken):
			found = s.skip(broken, arrival, e)
		case err != nil:
			return
		default:
			watch.Stop() // while the sample is sent, the tool is not the one to wait for
			e.samples, e.garbage, e.odd = e.samples+1, 0, false
			found = s.add(&sample, arrival)
		}
		if e.garbage > maxGarbage || !s.send(ctx, found) {
			return
		}
		if err == nil {
			watch.Reset(s.patience)
		}
	}
}

func (s *session) add(sample *Sample, arrival time.Time) []attribution.Measurement {
	if s.r.Observe != nil {
		s.r.Observe(sample)
	}
	found := s.line.Add(sample, arrival)
	flaw := s.line.tile.flaw
	overlong := sample.Flaw != FlawSummary && s.line.Overlong(sample)
	if overlong || sample.Flaw == FlawSummary {
		flaw = sample.Flaw // it has no place on the line
	}
	s.r.count(func(st *Stats) {
		switch {
		case overlong:
			st.Counts.Results[ResultOverlong]++
		case sample.Flaw == FlawSummary:
			st.Counts.Results[ResultSummary]++
		}
		st.LastSample, st.Flaw = arrival, flaw
		st.HWModel, st.OSBuild, st.Thermal = sample.HWModel, sample.OSBuild, sample.Thermal
	})
	s.noteFlaw(flaw)
	s.noteBatched()
	return found
}

func (s *session) skip(broken *DocumentError, arrival time.Time, e *ending) []attribution.Measurement {
	s.r.count(func(st *Stats) { st.Counts.skipped(broken) })
	s.log.Debug().Err(broken).Msg("powermetrics document skipped")
	if broken.Defect == DefectGarbage {
		e.garbage += broken.Size
	}
	e.odd = e.odd || broken.Defect != DefectCut
	return s.line.Skip(broken, arrival)
}

func (s *session) send(ctx context.Context, all []attribution.Measurement) bool {
	for _, m := range all {
		select {
		case s.out <- m:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
