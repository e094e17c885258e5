package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// The buckets and fixed keys. They are constants as strings: nothing can
// change them.
const (
	nameMeta       = "meta"
	nameNames      = "names"
	nameTags       = "tags"
	nameEngine     = "engine"
	nameCheckpoint = "checkpoint"
	nameWindows    = "windows"
	nameRequests   = "requests"
	nameRemote     = "remote"
	nameSlots      = "slots"
	nameGaps       = "gaps"

	nameCalibration = "calibration"

	keyApplication = "application"
	keySchema      = "schema"
	keyTagged      = "tagged"
	keyState       = "state"
	keyMarks       = "marks"
	keyScoping     = "scoping"

	application = "sovmeter"
)

// migration brings a store to the schema number "to" from the one before.
type migration struct {
	to  uint64
	run func(*bbolt.Tx) error
}

// migrations are every step that the schema ever took, in order; a new store
// takes them all. A step that was released is never changed.
func migrations() []migration {
	return []migration{
		{to: 1, run: createBuckets},
		{to: 2, run: createRemote},
		{to: 3, run: tellMore},
		{to: 4, run: measureWhole},
	}
}

func createBuckets(tx *bbolt.Tx) error {
	for _, name := range []string{nameMeta, nameNames, nameEngine, nameCheckpoint, nameWindows, nameRequests, nameSlots, nameGaps} {
		if _, err := tx.CreateBucket([]byte(name)); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	return tx.Bucket([]byte(nameMeta)).Put([]byte(keyApplication), []byte(application))
}

// createRemote makes room for calls that were served elsewhere. From here on
// requests have tags, which a program of schema 1 would take for damage.
func createRemote(tx *bbolt.Tx) error {
	if _, err := tx.CreateBucketIfNotExists([]byte(nameRemote)); err != nil {
		return fmt.Errorf("create bucket %s: %w", nameRemote, err)
	}
	return nil
}

// migrate runs the steps that db has not taken yet, each in its transaction.
func migrate(db *bbolt.DB, steps []migration) error {
	for _, step := range steps {
		err := db.Update(func(tx *bbolt.Tx) error {
			now, err := schemaOf(tx)
			if err != nil || now >= step.to {
				return err
			}
			if err := step.run(tx); err != nil {
				return err
			}
			return tx.Bucket([]byte(nameMeta)).Put([]byte(keySchema), binary.BigEndian.AppendUint64(nil, step.to))
		})
		if err != nil {
			return fmt.Errorf("migrate to schema %d: %w", step.to, err)
		}
	}
	return nil
}

// schemaOf returns the schema number of a store, 0 for a file without anything.
func schemaOf(tx *bbolt.Tx) (uint64, error) {
	meta := tx.Bucket([]byte(nameMeta))
	if meta == nil {
		if k, _ := tx.Cursor().First(); k != nil {
			return 0, ErrNotStore
		}
		return 0, nil
	}
	if string(meta.Get([]byte(keyApplication))) != application {
		return 0, ErrNotStore
	}
	v := meta.Get([]byte(keySchema))
	if len(v) != 8 {
		return 0, corrupt(nameMeta, []byte(keySchema), "value has %d bytes, not 8", len(v))
	}
	return binary.BigEndian.Uint64(v), nil
}

// checkSchema says whether a store with these steps can be used as it is.
func checkSchema(tx *bbolt.Tx, steps []migration, readOnly bool) error {
	now, err := schemaOf(tx)
	if err != nil {
		return err
	}
	newest := steps[len(steps)-1].to
	switch {
	case now > newest:
		return fmt.Errorf("%w: schema %d, this one knows up to %d", ErrNewerSchema, now, newest)
	case now == 0:
		return ErrNotStore
	case now < newest && readOnly:
		return fmt.Errorf("%w: schema %d, this one needs %d", ErrOlderSchema, now, newest)
	case now < newest:
		return nil
	}
	return checkBuckets(tx)
}

func checkBuckets(tx *bbolt.Tx) error {
	if err := checkBuckets3(tx); err != nil {
		return err
	}
	return haveBuckets(tx, nameCalibration)
}

// checkBuckets3 looks for the buckets of schema 3.
func checkBuckets3(tx *bbolt.Tx) error {
	return haveBuckets(tx, nameNames, nameTags, nameEngine, nameCheckpoint, nameWindows, nameRequests, nameRemote, nameSlots, nameGaps)
}

func haveBuckets(tx *bbolt.Tx, names ...string) error {
	for _, name := range names {
		if tx.Bucket([]byte(name)) == nil {
			return fmt.Errorf("bucket %s is missing: %w", name, ErrDamaged)
		}
	}
	return nil
}

// bucket returns a bucket that checkBuckets has seen. Buckets that grow at
// their end are filled well before a page is split.
func bucket(tx *bbolt.Tx, name string) *bbolt.Bucket {
	b := tx.Bucket([]byte(name))
	b.FillPercent = 0.95
	return b
}
