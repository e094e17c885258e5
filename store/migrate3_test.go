package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// asked is a request of 1000 prompt tokens or as many as told, 500 of them from
// the cache, with 20 tokens of output.
func asked(i int, change func(*attribution.Request)) attribution.Charge {
	end := time.Date(2026, 7, 1, 12, 0, i, 0, time.UTC)
	r := attribution.Request{
		ID: fmt.Sprint("s/", i), Server: "s", Model: "m", Start: end.Add(-time.Second), End: end, Outcome: attribution.OutcomeOK,
		Input: attribution.Known(500), Cached: attribution.Known(500), Output: attribution.Known(20),
	}
	change(&r)
	return attribution.Charge{Request: r, EnergyKnown: true, Covered: 1, Tier: attribution.TierMeasured, Decode: 1}
}

func whole(*attribution.Request) {}

func cancelled(r *attribution.Request) {
	r.Outcome, r.Cached = attribution.OutcomeCancelled, attribution.Count{}
}

func long(r *attribution.Request) { r.Input = attribution.Known(200_000) }

func uncounted(r *attribution.Request) { r.Output = attribution.Count{} }

// schema2 writes a store of schema 2 with the charges, of which the first lost
// ones have no row any more.
func schema2(t *testing.T, lost int, charges ...attribution.Charge) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "store.db")
	s, err := open(path, Options{}, migrations())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), attribution.Batch{Charges: charges}); err != nil {
		t.Fatal(err)
	}
	err = s.db.Update(func(tx *bbolt.Tx) error {
		n, err := loadNames(tx)
		if err != nil {
			return err
		}
		for _, c := range charges[:lost] {
			if err := bucket(tx, nameRequests).Delete(requestKey(c.Request)); err != nil {
				return err
			}
		}
		return errors.Join(forgetSplit(tx, n), tx.Bucket([]byte(nameMeta)).Put([]byte(keySchema), []byte{7: 2}))
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

// forgetSplit writes the slots as schema 2 did: without what they do not know.
func forgetSplit(tx *bbolt.Tx, n *names) error {
	slots := map[string][]byte{}
	err := bucket(tx, nameSlots).ForEach(func(k, v []byte) error {
		var s ModelSlot
		if err := decodeModel(&s, k, v, n); err != nil {
			return err
		}
		s.UnknownInput, s.UnknownCached, s.UnknownOutput, s.UnknownLength, s.Long = 0, 0, 0, 0, nil
		s.Answered = Tokens{Input: s.Input, Cached: s.Cached, Output: s.Output}
		slots[string(k)] = s.encode()
		if mask := newSlotReader(slots[string(k)]).mask; mask >= 1<<25 {
			return fmt.Errorf("schema 2 had no field for the bits %x", mask>>25)
		}
		return nil
	})
	for k, v := range slots {
		err = errors.Join(err, bucket(tx, nameSlots).Put([]byte(k), v))
	}
	return err
}

// TestSplitTokens takes slots of schema 2 to schema 3: with all of their
// requests they become what they would have been, without some what cannot be
// known becomes unknown.
func TestSplitTokens(t *testing.T) {
	const many = 40 // prompts of 1000 tokens: more than 32,000 together
	for _, tt := range []struct {
		name    string
		lost    int
		charges []attribution.Charge
		want    ModelSlot // of it what schema 3 has more
	}{
		{"all known", 2, []attribution.Charge{asked(1, whole), asked(2, whole)}, ModelSlot{
			Answered: Tokens{Input: 1000, Cached: 1000, Output: 40}}},
		{"cancelled, kept", 0, []attribution.Charge{asked(1, whole), asked(2, cancelled)}, ModelSlot{
			UnknownCached: 1, Answered: Tokens{Input: 500, Cached: 500, Output: 20}}},
		{"cancelled, one row gone", 1, []attribution.Charge{asked(1, whole), asked(2, cancelled)}, ModelSlot{
			UnknownInput: 1, UnknownCached: 1, UnknownOutput: 1, UnknownLength: 1,
			Answered: Tokens{UnknownInput: 1, UnknownCached: 1, UnknownOutput: 1}}},
		{"cancelled alone, gone", 1, []attribution.Charge{asked(1, cancelled)}, ModelSlot{
			UnknownInput: 1, UnknownCached: 1, UnknownOutput: 1}},
		{"output unknown, kept", 0, []attribution.Charge{asked(1, whole), asked(2, uncounted)}, ModelSlot{
			UnknownOutput: 1, Answered: Tokens{Input: 1000, Cached: 1000, Output: 20, UnknownOutput: 1}}},
		{"output unknown, gone", 2, []attribution.Charge{asked(1, whole), asked(2, uncounted)}, ModelSlot{
			UnknownInput: 1, UnknownCached: 1, UnknownOutput: 1, UnknownLength: 1,
			Answered: Tokens{Input: 1000, Cached: 1000, Output: 20, UnknownInput: 1, UnknownCached: 1, UnknownOutput: 1}}},
		{"long, kept", 0, []attribution.Charge{asked(1, whole), asked(2, long)}, ModelSlot{
			Answered: Tokens{Input: 200_500, Cached: 1000, Output: 40},
			Long:     []LongTokens{{Above: 200_000, Requests: 1, Tokens: Tokens{Input: 200_000, Cached: 500, Output: 20}}}}},
		{"long, gone", 1, []attribution.Charge{asked(1, whole), asked(2, long)}, ModelSlot{
			Answered: Tokens{Input: 200_500, Cached: 1000, Output: 40}, UnknownLength: 2}},
		{"many, gone", 1, manyAsked(many), ModelSlot{
			Answered: Tokens{Input: many * 500, Cached: many * 500, Output: many * 20}, UnknownLength: many}},
		{"many, kept", 0, manyAsked(many), ModelSlot{
			Answered: Tokens{Input: many * 500, Cached: many * 500, Output: many * 20}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Open(schema2(t, tt.lost, tt.charges...), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close() //nolint:errcheck // it was only read
			r, err := s.Range(t.Context(), earliestTime, latestTime)
			if err != nil || len(r.Models) != 1 {
				t.Fatalf("%d slots, %v", len(r.Models), err)
			}
			m := r.Models[0]
			if m.Requests() != int64(len(tt.charges)) {
				t.Errorf("%d requests of %d", m.Requests(), len(tt.charges))
			}
			same(t, tt.want, ModelSlot{
				UnknownInput: m.UnknownInput, UnknownCached: m.UnknownCached, UnknownOutput: m.UnknownOutput,
				Answered: m.Answered, Long: m.Long, UnknownLength: m.UnknownLength,
			})
		})
	}
}

func manyAsked(n int) (all []attribution.Charge) {
	for i := range n {
		all = append(all, asked(i, whole))
	}
	return all
}

// A gateway's log may tell of a call that ended years from now: tags are kept
// from the migration on all the same.
func TestTaggedSince(t *testing.T) {
	path := schema2(t, 0, asked(1, whole))
	committed := asked(1, whole).Request.End.Add(time.Second)
	db, err := openFile(path, DefaultTimeout, false)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		m, err := loadMarks(tx)
		m.at = committed
		m.span(latestTime, latestTime)
		return errors.Join(err, bucket(tx, nameEngine).Put([]byte(keyMarks), m.encode()))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // it was only read
	r, err := s.Range(t.Context(), earliestTime, latestTime)
	if err != nil || !r.TaggedSince.Equal(committed) {
		t.Errorf("tagged since %s, want %s; %v", r.TaggedSince, committed, err)
	}
}

// What cannot be read is not touched by a migration, nor does it stop one.
func TestSplitTokensDamaged(t *testing.T) {
	path := schema2(t, 0, asked(1, whole), asked(2, cancelled))
	db, err := openFile(path, DefaultTimeout, false)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(
			bucket(tx, nameSlots).Put(slotKey(7, kindModel, 0, 0), []byte{0xee}),
			bucket(tx, nameRequests).Put(requestKey(asked(2, whole).Request), []byte{0xee}))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // it was only read
	if _, err := s.Range(t.Context(), earliestTime, latestTime); !errors.Is(err, ErrDamaged) {
		t.Errorf("the damaged slot: %v", err)
	}
	r, err := s.Range(t.Context(), slotTime(8), latestTime)
	if err != nil || len(r.Models) != 1 || r.Models[0].Answered.UnknownInput != 1 {
		t.Errorf("the slot whose request is damaged: %+v, %v", r.Models, err)
	}
}
