package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/calibration"
	"github.com/sovmeter/sovmeter/collector/host"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// calibrateTries is after how many starts without a sample powermetrics is given
// up: the user is there and can mend it.
const calibrateTries = 2

func newCalibrate(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure once what the whole machine draws for each watt of the chip",
		Long: `Calibrate puts known loads on this machine, one after the other, while powermetrics
shows the chip and a meter shows the whole machine: rest, answers of a model at growing
company, long prompts, and compute on the processor's cores. Through what both have shown
it draws a line. From then on sovmeter tells the whole machine's energy by it whenever the
meter is away, so that a borrowed plug is enough.

It takes about nine minutes. The load goes to your own model server, over the interface
that OpenAI's has made usual; prompts are random numbers, answers are thrown away, and the
requests count in reports like any others. Leave the machine alone meanwhile, with the
display as it usually is, and nothing else on the plug. A laptop's battery should be full.

What is not steady is measured once more, and left out if it is not steady then either. A
line that no Mac has is refused, and the calibration before stays. Ctrl-C stops the load
at once and stores nothing. It needs root, because powermetrics does.

Exit codes: 0 done, 1 failed or refused, 2 wrong arguments or config, 130 interrupted.`,
		Example: `  sudo sovmeter calibrate
  sudo sovmeter calibrate --meter plug --server llama --dry-run
  sudo sovmeter calibrate --url http://127.0.0.1:11434 --model qwen3:8b`,
	}
	k := &calibrator{env: e, ladder: ladder, burn: burn}
	path := configFlag(c)
	f := c.Flags()
	f.StringVar(&k.meter, "meter", "", "name of the meter (default: the first of the config)")
	f.StringVar(&k.server.name, "server", "", "name of the model server (default: the first that answers)")
	f.StringVar(&k.server.url, "url", "", "address of a model server that is not in the config, on this machine")
	f.StringVar(&k.server.tokenFile, "token-file", "", "file of mode 0600 with the token that --url asks for")
	f.StringVar(&k.server.model, "model", "", "which of the server's models works (default: its only one)")
	f.DurationVar(&k.perStep, "per-step", 0, fmt.Sprintf("mean length of a step, from %s to %s (default: as planned, %s)", leastStep, mostStep, plannedStep()))
	f.BoolVar(&k.dryRun, "dry-run", false, "draw the line and store nothing")
	f.BoolVar(&k.json, "json", false, "print JSON")
	f.StringVar(&k.powermetrics, "powermetrics", powermetrics.DefaultPath, "another powermetrics, for tests")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := k.checkFlags(); err != nil {
			return &usageError{err}
		}
		cfg, err := loadMeters(*path)
		if err != nil {
			return err
		}
		return interruptible(cmd.Context(), func(ctx context.Context) error { return k.run(ctx, cfg) })
	}
	return c
}

// calibrator is one run of the command.
type calibrator struct {
	env          env
	meter        string
	server       serverChoice
	perStep      time.Duration // 0: as planned
	dryRun       bool
	json         bool
	powermetrics string
	ladder       func(cores int, perStep time.Duration) []calibration.Step
	burn         func(ctx context.Context, cores int)
}

// The bounds of a step's mean length: less leaves too little of one once it has
// settled.
const (
	leastStep = 35 * time.Second
	mostStep  = 10 * time.Minute
)

func plannedStep() time.Duration { return meanLength(calibration.Ladder(1)).Round(time.Second) }

func meanLength(steps []calibration.Step) time.Duration {
	return calibration.Length(steps) / time.Duration(len(steps))
}

// ladder is the plan, stretched to another mean length of its steps.
func ladder(cores int, perStep time.Duration) []calibration.Step {
	steps := calibration.Ladder(cores)
	if perStep == 0 {
		return steps
	}
	by := float64(perStep) / float64(meanLength(steps))
	for i := range steps {
		s := &steps[i]
		s.Length = time.Duration(by * float64(s.Length)).Round(time.Second)
		s.Settle = time.Duration(by * float64(s.Settle)).Round(time.Second)
	}
	return steps
}

func (k *calibrator) checkFlags() error {
	switch {
	case k.server.name != "" && k.server.url != "":
		return errors.New("--server and --url contradict each other: give one of them")
	case k.server.tokenFile != "" && k.server.url == "":
		return errors.New("--token-file goes with --url; a server of the config has token_file there")
	case k.perStep != 0 && (k.perStep < leastStep || k.perStep > mostStep):
		return fmt.Errorf("--per-step %s: want %s to %s", k.perStep, leastStep, mostStep)
	}
	return nil
}

// run calibrates this machine.
func (k *calibrator) run(ctx context.Context, cfg config.Config) (err error) {
	chosen, err := k.chooseMeter(cfg)
	if err != nil {
		return err
	}
	if err := k.checkRoot(); err != nil {
		return err
	}
	facts, err := host.ReadFacts(ctx)
	if err != nil {
		return err
	}
	steps := k.ladder(max(facts.Cores, 1), k.perStep)
	if err := checkPace(chosen, steps); err != nil {
		return err
	}
	if !k.dryRun {
		if err := checkStorable(ctx, cfg); err != nil {
			return err
		}
	}
	meters, err := openCalibrated(ctx, chosen)
	if err != nil {
		return err
	}
	defer closing(meters, &err)
	server, err := k.server.find(ctx, cfg)
	if err != nil {
		return err
	}
	defer server.close()
	stop := newProgress(k.env.stderr, "loading the model of "+server.name, 0).ticking()
	err = server.first(ctx)
	stop()
	if err != nil {
		return err
	}
	return k.climb(ctx, cfg, facts, steps, meters, server)
}

// climb goes up the ladder and stores the line.
func (k *calibrator) climb(ctx context.Context, cfg config.Config, facts host.Facts, steps []calibration.Step, meters *calibrated, server *completions) error {
	power := &powermetrics.Runner{Path: k.powermetrics, GiveUp: calibrateTries, Log: zerolog.Nop()}
	record := newRecorder()
	show := newClimbShow(k.env.stderr, record)
	show.head(meters.config.Name, server, calibration.Length(steps))
	up := &climb{
		power: power, record: record, load: newLoads(server, k.burn).run, steps: steps, show: show.at,
		meter: meters.poller(record.reading), battery: meters.batteryPoller(record.battery),
	}
	measured, err := up.run(ctx)
	show.done()
	if err != nil {
		return explainPower(err)
	}
	result := calibrationResult{
		Identity: calibration.Identity{
			Model: cmp.Or(facts.Model, power.Stats().HWModel), OS: facts.OSVersion,
			Meter: meters.config.Name, Scope: meters.scope,
		},
		Server: server.name, LanguageModel: server.model, Climbed: measured,
	}
	return k.finish(ctx, cfg, result)
}

// finish draws the line, prints it and stores it.
func (k *calibrator) finish(ctx context.Context, cfg config.Config, r calibrationResult) error {
	r.fit()
	if r.Refused == nil && !k.dryRun {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if r.Stored, err = storeCalibration(ctx, cfg, r.Line); err != nil {
			return errors.Join(r.write(k.env.stdout, k.json), err)
		}
	}
	if err := r.write(k.env.stdout, k.json); err != nil {
		return err
	}
	if r.Refused != nil {
		return fmt.Errorf("no new calibration, the one before stays: %w", r.Refused)
	}
	return nil
}

// chooseMeter is the one that is named, or the first of the config.
func (k *calibrator) chooseMeter(cfg config.Config) (systemmeter.Config, error) {
	if k.meter != "" {
		meters, err := chosen(cfg, []string{k.meter})
		if err != nil {
			return systemmeter.Config{}, err
		}
		return meters[0], nil
	}
	if len(cfg.Meters) == 0 {
		return systemmeter.Config{}, noMeter(cfg)
	}
	return cfg.Meters[0], nil
}

// checkPace refuses a meter that is asked too seldom to see each step twice.
func checkPace(c systemmeter.Config, steps []calibration.Step) error {
	every := c.WithDefaults().Every
	for _, s := range steps {
		if left := s.Length - s.Settle; left < 2*every {
			return &usageError{&hintError{
				fmt.Errorf("meter %s is asked every %s, and of step %s %s are measured", c.Name, every, s.Name, left),
				"give the meter a shorter every in the config, or take longer steps: --per-step 2m",
			}}
		}
	}
	return nil
}

// checkRoot says what is missing before anything is loaded.
func (k *calibrator) checkRoot() error {
	if k.powermetrics != powermetrics.DefaultPath {
		return nil
	}
	if runtime.GOOS != "darwin" {
		return &hintError{errors.New("powermetrics: this is no Mac"), "sovmeter demo shows a simulated one"}
	}
	if os.Geteuid() != 0 {
		return &hintError{errors.New("powermetrics needs root"), "sudo sovmeter calibrate"}
	}
	return nil
}

// explainPower gives an error of powermetrics its hint.
func explainPower(err error) error {
	var start *powermetrics.StartError
	if errors.As(err, &start) && errors.Is(start.Cause, powermetrics.ErrNotRoot) {
		return &hintError{err, "sudo sovmeter calibrate"}
	}
	return err
}
