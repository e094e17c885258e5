package main

import (
	"context"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/exporter"
	"github.com/sovmeter/sovmeter/store"
)

// sink writes batches to the store and then, when they are safe, tells those
// who want to know.
type sink struct {
	store   *store.Store
	ledger  *exporter.Ledger               // nil: no metrics
	charged func(attribution.Charge) error // nil: nobody asks
}

// Commit stores b.
func (s *sink) Commit(ctx context.Context, b attribution.Batch) error {
	if err := s.store.Commit(ctx, b); err != nil {
		return err
	}
	if s.ledger != nil {
		s.ledger.Record(b)
	}
	if s.charged == nil {
		return nil
	}
	for _, c := range b.Charges {
		if err := s.charged(c); err != nil {
			return err
		}
	}
	return nil
}
