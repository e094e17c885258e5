//go:build !darwin

package systemmeter

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestSMCNeedsAMac(t *testing.T) {
	m, err := newSMC(Config{Name: "smc", Kind: KindSMC}, Options{Now: time.Now}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Read(t.Context())
	if !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "only a Mac") {
		t.Error(err)
	}
}
