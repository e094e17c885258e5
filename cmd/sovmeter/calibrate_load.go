package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sovmeter/sovmeter/collector/calibration"
)

const (
	// decodeTokens is how long the answers of a decode-heavy step are: long
	// enough for the prompt to be next to nothing, and short enough for a server
	// that does not notice that its client has gone to end within the time that
	// the next step has to settle.
	decodeTokens  = 256
	decodeNumbers = 12
	// prefillNumbers is how many numbers a long prompt has, of some two tokens
	// each; less where the server's context is too small for that.
	prefillNumbers = 1500
	leastPrefill   = 40
	// missesInARow is after how many failed requests in a row a step gives up.
	missesInARow = 3
	missPause    = time.Second
)

// loads puts the loads of a ladder on this machine.
type loads struct {
	server *completions
	burn   func(ctx context.Context, cores int) // computes until ctx ends
	// prefill is how many numbers the server's context takes.
	prefill atomic.Int64
}

func newLoads(server *completions, burn func(ctx context.Context, cores int)) *loads {
	l := &loads{server: server, burn: burn}
	l.prefill.Store(prefillNumbers)
	return l
}

// run loads the machine as a step says, until ctx ends. It leaves nothing behind
// that runs. The error is that of a server that fails on and on.
func (l *loads) run(ctx context.Context, step calibration.Step) error {
	switch step.Load {
	case calibration.LoadDecode:
		return l.requests(ctx, l.company(step), func(ctx context.Context) error {
			return l.server.complete(ctx, numbers(decodeNumbers), decodeTokens)
		})
	case calibration.LoadPrefill:
		return l.requests(ctx, l.company(step), l.prompt)
	case calibration.LoadCPU:
		l.burn(ctx, step.Count)
	case calibration.LoadIdle:
		<-ctx.Done()
	}
	return nil
}

// company is how many requests are in flight: not more than the server has slots,
// since the others would only wait.
func (l *loads) company(step calibration.Step) int {
	if l.server.slots > 0 {
		return min(step.Count, l.server.slots)
	}
	return step.Count
}

// requests keeps n requests in flight until ctx ends.
func (l *loads) requests(ctx context.Context, n int, one func(context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for range n {
		g.Go(func() error {
			misses := 0
			for ctx.Err() == nil {
				err := one(ctx)
				switch {
				case ctx.Err() != nil:
				case err == nil:
					misses = 0
				default:
					if misses++; misses >= missesInARow {
						return err
					}
					pause(ctx, missPause)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// prompt sends one long prompt. A server whose context is too small for it says
// so at once: the next is shorter.
func (l *loads) prompt(ctx context.Context) error {
	n := l.prefill.Load()
	err := l.server.complete(ctx, numbers(int(n)), 1)
	var answer *answerError
	if errors.As(err, &answer) && answer.status/100 == 4 && answer.status != http.StatusUnauthorized && n > leastPrefill {
		l.prefill.CompareAndSwap(n, max(n/2, leastPrefill))
		return nil
	}
	return err
}

// numbers is a prompt of n numbers that no server has seen before, so that it has
// nothing of it in its cache.
func numbers(n int) string {
	var b strings.Builder
	b.WriteString("Go on with this list of numbers:")
	for range n {
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(100 + rand.IntN(900))) //nolint:gosec // no secret
	}
	return b.String()
}

// burn keeps as many cores busy until ctx ends.
func burn(ctx context.Context, cores int) {
	var wg sync.WaitGroup
	for i := range cores {
		wg.Go(func() {
			values := make([]float64, 1<<12)
			for k := range values {
				values[k] = float64(i + k)
			}
			for ctx.Err() == nil {
				for k := range values {
					values[k] = values[k]*0.999999 + float64(k)*1e-6
				}
			}
		})
	}
	wg.Wait()
}

// explainLoad names the step in which the server failed.
func explainLoad(step calibration.Step, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("step %s: %w", step.Name, err)
}
