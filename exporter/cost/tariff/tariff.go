package tariff

import (
	"sync"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost"
)

// Tariff says what a kWh costs at any time. It implements cost.Tariff and may
// be used by many goroutines at once.
type Tariff struct {
	*rules
	memo *memo
	used *usage // for tiers; nil: the Mac has used nothing
}

// New makes a tariff of a Spec. It is ErrSpec for one that contradicts itself,
// ErrSeries when in lacks a file that it names and cost.ErrCurrency for amounts
// in more than one currency.
func New(s Spec, in Inputs) (*Tariff, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	r, err := newRules(s, in)
	if err != nil {
		return nil, err
	}
	return &Tariff{rules: r, memo: &memo{days: map[int64]*day{}}}, nil
}

// Currency implements cost.Tariff.
func (t *Tariff) Currency() cost.Currency { return t.currency }

// Zone is the time zone whose clocks the tariff goes by.
func (t *Tariff) Zone() *time.Location { return t.zone }

// At implements cost.Tariff.
func (t *Tariff) At(slot time.Time) (cost.Price, bool) {
	unix := slot.Unix()
	number := floorDiv(unix, secondsPerDay)
	e := t.memo.day(t.rules, number)[(unix-number*secondsPerDay)/secondsPerSlot]
	if e.tiered && t.used != nil {
		return t.used.price(t.rules, unix)
	}
	if !e.known {
		return cost.Price{}, false
	}
	return cost.Price{Picos: e.picos, Currency: t.currency}, true
}

// slotsPerDay is how many slots a day of UTC has, which has no clock changes.
const slotsPerDay = secondsPerDay / secondsPerSlot

// day has the prices of a day of UTC.
type day [slotsPerDay]entry

type entry struct {
	picos  int64
	known  bool
	tiered bool // picos is for the first kWh that the Mac uses in the month
}

// maxDays bounds the memory of a memo, to about six megabytes. A report of ten
// years of slots asks for the same prices many times.
const maxDays = 4000

// memo keeps the prices that were asked for.
type memo struct {
	mu   sync.RWMutex
	days map[int64]*day // by days since 1970
}

func (m *memo) day(r *rules, number int64) *day {
	m.mu.RLock()
	d := m.days[number]
	m.mu.RUnlock()
	if d != nil {
		return d
	}
	d = r.day(number)
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.days) >= maxDays {
		clear(m.days)
	}
	m.days[number] = d
	return d
}

// day finds the prices of a day of UTC.
func (r *rules) day(number int64) *day {
	d := new(day)
	resolver, calc := r.resolver(), newCalculator()
	var last terms
	for i := range d {
		f := resolver.at(number*secondsPerDay + int64(i)*secondsPerSlot)
		d[i].tiered = f.tiered
		if f.unknown != "" {
			continue
		}
		if f.tiered {
			f.addStep(f.version.stepAt(0))
		}
		if i > 0 && f.terms == last && d[i-1].known {
			d[i].picos, d[i].known = d[i-1].picos, true
			continue
		}
		last = f.terms
		d[i].picos, d[i].known = calc.price(f.terms)
	}
	return d
}
