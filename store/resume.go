package store

import (
	"context"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// Resume returns what the engine and the log followers go on from: the state
// of the last commit, the windows that no booking has closed yet, and how far
// each log was read, with the calibrations. A new store gives the zero Resume.
func (s *Store) Resume(ctx context.Context) (attribution.Resume, error) {
	var r attribution.Resume
	err := s.view(ctx, "resume", func(tx *bbolt.Tx) error {
		n, err := loadNames(tx)
		if err != nil {
			return err
		}
		m, err := loadMarks(tx)
		if err != nil {
			return err
		}
		if r.State, err = loadState(tx, n); err != nil {
			return err
		}
		r.State.Closed, r.LastEnd = m.closed, m.lastEnd
		if r.Scoping, err = loadScoping(tx); err != nil {
			return err
		}
		if r.Calibrations, err = loadCalibrations(tx); err != nil {
			return err
		}
		if r.Checkpoints, err = loadCheckpoints(tx); err != nil {
			return err
		}
		return eachWindow(ctx, tx, n, m.closed, func(w attribution.Window) bool {
			r.Windows = append(r.Windows, w)
			return true
		})
	})
	if err != nil {
		return attribution.Resume{}, err
	}
	return r, nil
}

func loadState(tx *bbolt.Tx, n *names) (attribution.State, error) {
	v := bucket(tx, nameEngine).Get([]byte(keyState))
	if v == nil {
		return attribution.State{}, nil
	}
	s, err := decodeState(v, n)
	if err != nil {
		return attribution.State{}, corrupt(nameEngine, []byte(keyState), "%v", err)
	}
	return s, nil
}

func loadScoping(tx *bbolt.Tx) ([]byte, error) {
	v := bucket(tx, nameEngine).Get([]byte(keyScoping))
	if v == nil {
		return nil, nil
	}
	d := newDecoder(v)
	if d.err != nil {
		return nil, corrupt(nameEngine, []byte(keyScoping), "%v", d.err)
	}
	return append([]byte(nil), d.b...), nil
}

func loadCheckpoints(tx *bbolt.Tx) ([]attribution.Checkpoint, error) {
	var list []attribution.Checkpoint
	c := bucket(tx, nameCheckpoint).Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		d := newDecoder(v)
		if d.err != nil {
			return nil, corrupt(nameCheckpoint, k, "%v", d.err)
		}
		list = append(list, attribution.Checkpoint{Source: string(k), Data: append([]byte(nil), d.b...)})
	}
	return list, nil
}

// eachWindow calls fn for the windows that end after t, in time order, until
// it returns false.
func eachWindow(ctx context.Context, tx *bbolt.Tx, n *names, t time.Time, fn func(attribution.Window) bool) error {
	c := bucket(tx, nameWindows).Cursor()
	rows := 0
	for k, v := c.Seek(afterKey(t)); k != nil; k, v = c.Next() {
		if err := pause(ctx, &rows); err != nil {
			return err
		}
		if len(k) != windowKeySize {
			return corrupt(nameWindows, k, "key has %d bytes, not %d", len(k), windowKeySize)
		}
		w, err := decodeWindow(keyTime(k, 0), v, n)
		if err != nil {
			return corrupt(nameWindows, k, "%v", err)
		}
		if !fn(w) {
			return nil
		}
	}
	return nil
}

// pause looks at ctx every thousand rows.
func pause(ctx context.Context, rows *int) error {
	*rows++
	if *rows%1000 != 0 {
		return nil
	}
	return ctx.Err()
}
