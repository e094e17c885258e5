package cost

import (
	"fmt"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// Tariff says what energy costs at any time. Prices change on 15-minute marks
// of UTC only, as every tariff in the world does.
type Tariff interface {
	// Currency is the one currency of all prices.
	Currency() Currency
	// At returns the price in the slot that begins at slot, a 15-minute mark
	// in UTC. It is false when the price is not known, which is not free.
	At(slot time.Time) (Price, bool)
}

// Slot returns the beginning of the 15-minute slot that holds t.
func Slot(t time.Time) time.Time { return t.UTC().Truncate(store.SlotLength) }

// Flat is the same price at all times.
type Flat struct {
	PricePerKWh Price // 0 is free energy, not an unknown price
}

// NewFlat checks a price per kWh, in units of the currency and not in its
// cents, and the ISO 4217 code of the currency.
func NewFlat(pricePerKWh float64, currency string) (Flat, error) {
	c, err := ParseCurrency(currency)
	if err != nil {
		return Flat{}, fmt.Errorf("flat tariff: %w", err)
	}
	// The shortest decimal that reads as this float is the one somebody wrote.
	m, err := ParseMoney(strconv.FormatFloat(pricePerKWh, 'f', -1, 64), c)
	if err != nil {
		return Flat{}, fmt.Errorf("flat tariff: price per kWh: %w", err)
	}
	if m.Nanos < 0 {
		return Flat{}, fmt.Errorf("flat tariff: price per kWh %v %s: want 0 to %d: %w", pricePerKWh, c, maxPricePerKWh, ErrRange)
	}
	p, err := PriceOf(m)
	if err != nil {
		return Flat{}, fmt.Errorf("flat tariff: %w", err)
	}
	return Flat{PricePerKWh: p}, nil
}

// Currency implements Tariff.
func (f Flat) Currency() Currency { return f.PricePerKWh.Currency }

// At implements Tariff.
func (f Flat) At(time.Time) (Price, bool) { return f.PricePerKWh, true }
