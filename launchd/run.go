package launchd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/kardianos/service"
)

// Interactive reports whether a person started this process, and not launchd
// or another service manager.
func Interactive() bool { return service.Interactive() }

// RunUnderService runs the daemon's work until it ends, ctx ends, or the
// process is told to stop (SIGTERM, as launchd sends it, or SIGINT), and
// returns what run returned. run gets a context that ends in the last two
// cases and must return then. A second signal ends the process at once.
func RunUnderService(ctx context.Context, run func(ctx context.Context) error) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal the default is back, so an impatient second one works.
	defer context.AfterFunc(ctx, stop)()

	p := newProgram(ctx, run)
	svc, err := service.New(p, &service.Config{
		Name: DefaultLabel,
		// Without RunWait, Run waits for a signal alone and a daemon whose work
		// has died lives on in silence.
		Option: service.KeyValue{"RunWait": p.wait},
	})
	if errors.Is(err, service.ErrNoServiceSystemDetected) {
		return run(ctx) // no manager to speak to: the same work, directly
	}
	if err != nil {
		return fmt.Errorf("run under the service manager: %w", err)
	}
	return svc.Run()
}

// program is the daemon as kardianos/service wants it: Start returns at once,
// Stop once the work has ended.
type program struct {
	ctx    context.Context // of the whole run: kardianos/service hands none to Start
	cancel context.CancelFunc
	run    func(context.Context) error
	done   chan struct{}
	err    error // what run returned; to be read once done is closed
}

func newProgram(ctx context.Context, run func(context.Context) error) *program {
	ctx, cancel := context.WithCancel(ctx)
	return &program{ctx: ctx, cancel: cancel, run: run, done: make(chan struct{})}
}

// Start begins the work.
func (p *program) Start(service.Service) error {
	go func() {
		defer close(p.done)
		p.err = p.run(p.ctx)
	}()
	return nil
}

// wait returns when the work has ended or should.
func (p *program) wait() {
	select {
	case <-p.done:
	case <-p.ctx.Done():
	}
}

// Stop ends the work, waits for it and returns its error.
func (p *program) Stop(service.Service) error {
	p.cancel()
	<-p.done
	return p.err
}
