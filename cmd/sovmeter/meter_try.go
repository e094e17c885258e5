package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// errNoReading is returned when a meter gave nothing that can be used; why has
// been printed.
var errNoReading = errors.New("no usable reading")

// hopeless is after how many failures in a row a meter that has never answered
// is asked no more, and patienceRounds how many questions are asked for each
// reading that is wanted: some devices have a new one every ten seconds.
const (
	hopeless       = 3
	patienceRounds = 5
)

func newMeterTest(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "test [NAME]",
		Short: "Ask a meter for ten readings, and say what is wrong with it",
		Long: `Test asks a meter of the config as the daemon does, prints the readings as they come,
and sums up: the median power, what its counter counted meanwhile, and what was refused.
What is wrong is said with its fix. Without a name all meters of the config are tested,
one after the other. A meter that is not in the config is described by flags.

  age    how old the value was when the answer came, as far as the device says
  asked  how long the question took

Exit codes: 0 readings came, 1 a meter gave nothing usable, 2 wrong arguments or config.`,
		Example: `  sovmeter meter test
  sovmeter meter test plug --count 30
  sovmeter meter test --kind shelly --url http://192.168.1.20
  sovmeter meter test --kind homeassistant --url http://homeassistant.local:8123 \
      --token-file ~/hass.token --power sensor.mac_power`,
		Args: cobra.MaximumNArgs(1),
	}
	flags := &meterFlags{}
	flags.add(c)
	t := &meterTester{env: e}
	c.Flags().IntVar(&t.count, "count", 10, "how many readings, 1 to 1000")
	c.Flags().DurationVar(&t.every, "every", 0, "time between two questions (default: as the config says, or the kind's own)")
	c.Flags().BoolVar(&t.json, "json", false, "print JSON, at the end")
	c.RunE = func(cmd *cobra.Command, names []string) error {
		if t.count < 1 || t.count > 1000 {
			return &usageError{fmt.Errorf("--count %d: want 1 to 1000", t.count)}
		}
		if t.every < 0 || t.every > time.Hour {
			return &usageError{fmt.Errorf("--every %s: want a time up to 1h", t.every)}
		}
		meters, err := flags.choose(cmd, names)
		if err != nil {
			return err
		}
		return interruptible(cmd.Context(), func(ctx context.Context) error { return t.test(ctx, meters) })
	}
	return c
}

// meterTester tests meters.
type meterTester struct {
	env   env
	count int
	every time.Duration // 0: the meter's own
	json  bool
}

// test tests one meter after the other, until it is interrupted.
func (t *meterTester) test(ctx context.Context, meters []systemmeter.Config) error {
	trials := []meterTrial{}
	mute := 0
	for i, c := range meters {
		if ctx.Err() != nil {
			break
		}
		if i > 0 && !t.json {
			fmt.Fprintln(t.env.stdout)
		}
		trial, err := t.one(ctx, c)
		if err != nil {
			return err
		}
		trials = append(trials, trial)
		if !trial.Summary.Usable {
			mute++
		}
	}
	if t.json {
		err := writeJSON(t.env.stdout, struct {
			Schema string       `json:"schema"`
			Meters []meterTrial `json:"meters"`
		}{"sovmeter.meter_test/v1", trials})
		if err != nil {
			return err
		}
	}
	if mute > 0 {
		return fmt.Errorf("%d of %d meters: %w", mute, len(meters), errNoReading)
	}
	return nil
}

// one asks a meter until it has given the readings that are wanted, or it is
// clear that it will not.
func (t *meterTester) one(ctx context.Context, c systemmeter.Config) (trial meterTrial, err error) {
	if t.every > 0 {
		c.Every = t.every
	}
	m, err := systemmeter.Open(c, systemmeter.Options{})
	if err != nil {
		return meterTrial{}, &usageError{err}
	}
	defer closing(m, &err)
	w := t.env.stdout
	if t.json {
		w = io.Discard
	}
	trial = meterTrial{Meter: rowOf(c), Readings: []meterAnswer{}}
	out := &trialPrinter{w: w}
	out.head(trial.Meter)
	asker := newAsker(m, c)
	for len(trial.Readings) < patienceRounds*t.count && trial.count(systemmeter.ResultOK) < t.count {
		answer, ok := t.ask(ctx, asker)
		if !ok {
			break
		}
		trial.Readings = append(trial.Readings, answer)
		out.row(answer)
		if trial.hopeless() || trial.count(systemmeter.ResultOK) == t.count {
			break
		}
		if !pause(ctx, trial.Meter.Every-answer.Took) {
			break
		}
	}
	trial.sumUp()
	out.foot(trial)
	return trial, out.err
}

// ask asks once, and shows on a terminal that it waits. It is false when the
// user interrupts it.
func (t *meterTester) ask(ctx context.Context, a *asker) (meterAnswer, bool) {
	stop := newProgress(t.env.stderr, "waiting for "+a.name, 0).ticking()
	defer stop()
	return a.ask(ctx)
}

// pause waits, and is false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// asker asks one meter as the daemon does, and keeps what came of it.
type asker struct {
	name   string
	poller *systemmeter.Poller
	got    *systemmeter.Reading // what the last question brought; nil: nothing
}

func newAsker(m systemmeter.Meter, c systemmeter.Config) *asker {
	a := &asker{name: c.Name}
	a.poller = systemmeter.NewPoller(m, c, systemmeter.PollerOptions{
		Hand: func(_ context.Context, r systemmeter.Reading) { a.got = &r },
	})
	return a
}

// ask asks once. It is false when ctx ended meanwhile.
func (a *asker) ask(ctx context.Context) (meterAnswer, bool) {
	a.got = nil
	begun := time.Now()
	result, err := a.poller.Poll(ctx)
	if ctx.Err() != nil {
		return meterAnswer{}, false
	}
	answer := meterAnswer{Asked: begun.UTC(), Result: result, Took: time.Since(begun), reading: a.got}
	answer.QuestionSeconds = answer.Took.Seconds()
	if err != nil {
		answer.Error, answer.hint = splitHint(err)
	}
	answer.fill()
	return answer, true
}

// splitHint takes the hint out of an error of a meter.
func splitHint(err error) (text, hint string) {
	var h *systemmeter.HintError
	if errors.As(err, &h) {
		return withoutHint(err.Error(), h.Hint), h.Hint
	}
	return err.Error(), ""
}
