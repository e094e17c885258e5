package launchd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// What launchctl's exit codes mean to us. They are errno values; Apple's
// "launchctl error CODE" spells them out.
const (
	codeIO       = 5  // EIO: bootstrap while the last instance is still being taken down
	codeProgress = 36 // EINPROGRESS: bootout that has begun and not ended
	codeAlready  = 37 // EALREADY: as codeIO, as newer systems say it
)

const (
	firstPause = 100 * time.Millisecond
	maxPause   = 2 * time.Second
	// patience is how long a job may take to go: exitSeconds until launchd
	// kills it, and a few more for launchd itself.
	patience = (exitSeconds + 5) * time.Second
	// stuck is how long after the end of its context a launchctl may hold its pipes.
	stuck = time.Second
	// maxOutput bounds what of launchctl's words goes into an error.
	maxOutput = 200
)

// launchctl runs one command. It returns a *LaunchctlError when launchctl ran
// and its exit code was not 0.
func (s Service) launchctl(ctx context.Context, args ...string) error {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "launchctl", args...)
	cmd.Stderr = &stderr
	cmd.WaitDelay = stuck
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("launchctl %s: %w", strings.Join(args, " "), ctx.Err())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return &LaunchctlError{Args: args, Code: exit.ExitCode(), Output: firstLine(stderr.String())}
	}
	if err != nil {
		return fmt.Errorf("launchctl %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if len(line) > maxOutput {
		line = strings.ToValidUTF8(line[:maxOutput], "")
	}
	return line
}

// loaded asks whether launchd has the job: 0 says yes, any other code (113 as
// a rule) no. A job that is being taken down still counts as loaded.
func (s Service) loaded(ctx context.Context) (bool, error) {
	err := s.launchctl(ctx, "print", s.target())
	var code *LaunchctlError
	if errors.As(err, &code) {
		return false, nil
	}
	return err == nil, err
}

// bootstrap loads the job. Right after a bootout launchd answers 5 or 37 for
// some seconds, so these two are tried again.
func (s Service) bootstrap(ctx context.Context) error {
	// An earlier "launchctl disable" outlives an uninstall and would have
	// bootstrap fail with no more than "Input/output error". Where enable
	// itself fails, bootstrap says why.
	_ = s.launchctl(ctx, "enable", s.target())
	var last error
	done, err := s.poll(ctx, func() (bool, error) {
		last = s.launchctl(ctx, "bootstrap", domain, s.PlistPath())
		if last == nil {
			return true, nil
		}
		if up, err := s.loaded(ctx); err != nil || up {
			return up, err // loaded already is all we want
		}
		if !transient(last) {
			return false, last
		}
		return false, nil
	})
	if err != nil {
		return err
	}
	if !done {
		return last
	}
	s.report("loaded %s", s.target())
	return nil
}

// transient reports whether launchd may answer otherwise a moment later.
func transient(err error) bool {
	var e *LaunchctlError
	return errors.As(err, &e) && slices.Contains([]int{codeIO, codeProgress, codeAlready}, e.Code)
}

// bootout unloads the job and waits until launchd has forgotten it: only then
// can it be loaded again.
func (s Service) bootout(ctx context.Context) error {
	// What counts is not what bootout says but whether the job goes: it may
	// answer 36 when it has only begun, and 3 or 5 for a job gone meanwhile.
	out := s.launchctl(ctx, "bootout", s.target())
	done, err := s.poll(ctx, func() (bool, error) {
		up, err := s.loaded(ctx)
		if up && out != nil && !transient(out) {
			return false, out
		}
		return !up, err
	})
	if err != nil {
		return err
	}
	if done {
		s.report("unloaded %s", s.target())
		return nil
	}
	return fmt.Errorf("%w %s after it was told to stop", ErrStillLoaded, patience)
}

// poll repeats try with growing pauses until it is done, fails, or the pauses
// add up to patience.
func (s Service) poll(ctx context.Context, try func() (bool, error)) (bool, error) {
	var waited time.Duration
	for pause := firstPause; ; pause = min(2*pause, maxPause) {
		done, err := try()
		if done || err != nil || waited >= patience {
			return done, err
		}
		if err := s.wait(ctx, pause); err != nil {
			return false, err
		}
		waited += pause
	}
}
