package store

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// measureWhole brings a store to schema 4: it makes room for calibrations. From
// here on windows, gaps, requests and the engine's state may be of the whole
// machine. What was written before was all of the SoC, and is read as that: the
// version of a value tells it apart where its fields do not.
func measureWhole(tx *bbolt.Tx) error {
	if err := checkBuckets3(tx); err != nil {
		return err
	}
	if _, err := tx.CreateBucketIfNotExists([]byte(nameCalibration)); err != nil {
		return fmt.Errorf("create bucket %s: %w", nameCalibration, err)
	}
	return nil
}
