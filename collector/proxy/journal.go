package proxy

import (
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/requestlog/jsonl"
)

const (
	// maxWaiting is how many lines are kept while they cannot be written.
	maxWaiting = 4096
	retryEvery = 5 * time.Second
)

// journal writes records to the log from a goroutine of its own, so that a
// disk that hangs holds no client up.
type journal struct {
	file  logFile
	log   zerolog.Logger
	retry time.Duration

	wake chan struct{} // there is something to write
	stop chan struct{} // closed by close
	done chan struct{} // closed when the writer has ended

	mu            sync.Mutex
	waiting       []jsonl.Record // in order
	written, lost int64
}

func newJournal(path string, log zerolog.Logger) *journal {
	return &journal{
		file: logFile{path: path}, log: log, retry: retryEvery,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
}

// open opens the log, so that a wrong path shows at once, and starts the writer.
func (j *journal) open() error {
	if err := j.file.open(); err != nil {
		return err
	}
	go j.run()
	return nil
}

// add hands a record to the writer. It never waits.
func (j *journal) add(r jsonl.Record) {
	j.mu.Lock()
	if len(j.waiting) < maxWaiting {
		j.waiting = append(j.waiting, r)
	} else {
		j.lost++
	}
	j.mu.Unlock()
	select {
	case j.wake <- struct{}{}:
	default: // it is awake
	}
}

// close writes what is left, once more if need be, and ends the writer.
func (j *journal) close() error {
	close(j.stop)
	<-j.done
	j.file.close()
	if _, waiting, lost := j.counts(); waiting+lost > 0 {
		return fmt.Errorf("log %s: %d %w", j.file.path, waiting+lost, ErrLost)
	}
	return nil
}

func (j *journal) counts() (written, waiting, lost int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.written, int64(len(j.waiting)), j.lost
}

// run writes until stop. A log that cannot be written is said once, and tried
// again after a while.
func (j *journal) run() {
	defer close(j.done)
	var again <-chan time.Time // set while the log cannot be written
	failing := false
	for stopping := false; !stopping; {
		select {
		case <-j.wake:
		case <-again:
		case <-j.stop:
			stopping = true
		}
		err := j.flush()
		again = nil
		if err != nil {
			again = time.After(j.retry)
		}
		switch {
		case err != nil && !failing:
			j.log.Error().Err(err).Msg("cannot write the log; requests pass on and are kept in memory")
		case err == nil && failing:
			_, _, lost := j.counts()
			j.log.Info().Int64("lost", lost).Msg("the log can be written again")
		}
		failing = err != nil
	}
}

// flush writes all that waits, until something cannot be.
func (j *journal) flush() error {
	var line []byte
	for {
		r, ok := j.next()
		if !ok {
			return nil
		}
		var unfit, err error // a record that has no line is left out, not tried again
		if line, unfit = jsonl.Append(line[:0], r); unfit == nil {
			err = j.file.write(line)
		}
		if err != nil {
			return err
		}
		j.mu.Lock()
		j.waiting = j.waiting[1:]
		if unfit == nil {
			j.written++
		} else {
			j.lost++
		}
		j.mu.Unlock()
	}
}

func (j *journal) next() (jsonl.Record, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) == 0 {
		j.waiting = nil // let go of what was sliced off
		return jsonl.Record{}, false
	}
	return j.waiting[0], true
}
