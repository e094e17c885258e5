package config

import (
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost"
	"github.com/sovmeter/sovmeter/exporter/cost/payback"
)

// DefaultLife is how long a machine is expected to serve, five years.
const DefaultLife = 60 * payback.Month

// Hardware is what the machine cost and which electricity it has to earn too.
type Hardware struct {
	// Machine is in the tariff's currency, at the rate of the day of purchase; in
	// the currency that was given when there is no tariff.
	Machine payback.Machine
	Basis   cost.Basis // marginal, active or dedicated
}

// readHardware returns nil when a value has a problem, which is then reported.
func (m *moneyReader) readHardware(n ast.Node, key string) *Hardware {
	before := len(m.problems)
	currency := m.currencyIn(n)
	if currency == "" {
		currency = m.own
	}
	h := Hardware{Machine: payback.Machine{Life: DefaultLife, ShareRatio: 1}}
	if !m.mapping(n, key, m.hardwareFields(&h, currency)) {
		return nil
	}
	m.checkHardware(n, key, h.Machine, currency)
	if h.Basis == "" {
		h.Basis = cost.Active
		if h.Machine.ShareRatio == 1 && !h.Machine.Known {
			h.Basis = cost.Dedicated
		}
	}
	if len(m.problems) > before || !m.convert(key, &h.Machine) {
		return nil
	}
	return &h
}

func (m *moneyReader) hardwareFields(h *Hardware, currency cost.Currency) []field {
	const rate = "a yearly rate from 0 to 1, such as 0.03 for 3 %"
	v := &h.Machine
	return []field{
		{"price", func(n ast.Node, k string) {
			v.Price, _ = m.paid(n, k, currency, "what the machine cost, such as 2399")
		}},
		{"currency", func(n ast.Node, k string) { m.code(n, k) }},
		{"purchased", func(n ast.Node, k string) { v.Purchased = m.day(n, k) }},
		{"life", func(n ast.Node, k string) { v.Life = m.life(n, k) }},
		{"residual", func(n ast.Node, k string) {
			v.Residual, _ = m.paid(n, k, currency, "what it will be sold for after its life, such as 600")
		}},
		{"cost_of_capital", func(n ast.Node, k string) { v.CapitalCostRatio, _ = m.within(n, k, 0, 1, rate) }},
		{"llm_share", func(n ast.Node, k string) {
			v.ShareRatio, _ = m.within(n, k, 0.01, 1, "the part of the machine that was bought for models, from 0.01 to 1")
		}},
		{"incremental_price", func(n ast.Node, k string) {
			v.Incremental, v.Known = m.paid(n, k, currency, "what was paid more for models, such as for memory")
		}},
		{"cloud_price_drift", func(n ast.Node, k string) {
			v.PriceDriftRatio, _ = m.within(n, k, -0.99, 1, "a yearly change from -0.99 to 1, such as -0.3 for 30 % less")
		}},
		{"basis", func(n ast.Node, k string) {
			h.Basis = cost.Basis(m.oneOf(n, k, []string{string(cost.Dedicated), string(cost.Active), string(cost.Marginal)}))
		}},
	}
}

func (m *moneyReader) checkHardware(n ast.Node, key string, v payback.Machine, currency cost.Currency) {
	if !m.given(key+".price") && !m.given(key+".incremental_price") {
		m.problem(n, key, "has no price, want price, what the machine cost, or incremental_price, what was paid more for models")
	}
	if !m.given(key + ".purchased") {
		m.problem(n, key, "has no purchased, want the day of the purchase, such as 2026-01-15")
	}
	if !m.given(key+".currency") && !m.given("tariff") {
		m.problem(n, key, "has no currency and there is no tariff with one, want a code of ISO 4217, such as EUR")
	}
	if m.given(key+".llm_share") && m.given(key+".incremental_price") {
		m.problemAt(key+".llm_share", "stands beside incremental_price, want one of the two")
	}
	paid, what := v.Price, "price"
	if !m.given(key + ".price") {
		paid, what = v.Incremental, "incremental_price"
	}
	if paid.Currency != "" && v.Residual.Nanos > paid.Nanos {
		m.problemAt(key+".residual", "got %s, which is more than %s, want no more than that", describe(m.places[key+".residual"].node), what)
	}
	if v.Known && m.given(key+".price") && v.Price.Currency != "" && v.Incremental.Nanos > v.Price.Nanos {
		m.problemAt(key+".incremental_price", "got %s, which is more than price, want a part of it", describe(m.places[key+".incremental_price"].node))
	}
	at := key
	if m.given(key + ".currency") {
		at += ".currency"
	}
	m.convertible(at, "is", currency)
}

// convert brings a machine's amounts into the tariff's currency.
func (m *moneyReader) convert(key string, v *payback.Machine) bool {
	if m.own == "" || m.exchange == nil {
		return true
	}
	for _, amount := range []*cost.Money{&v.Price, &v.Residual, &v.Incremental} {
		if *amount == (cost.Money{}) {
			continue
		}
		own, ok := m.exchange.Convert(*amount, v.Purchased)
		if !ok {
			m.problemAt(key+".purchased", "got %q, and exchange has no rate of %s for that day, want one with an earlier from",
				v.Purchased.Format(time.DateOnly), amount.Currency)
			return false
		}
		*amount = own
	}
	return true
}

// life reads a time such as 5y, of years of 365.25 days, or 1000d.
func (m *moneyReader) life(n ast.Node, key string) time.Duration {
	const want = "a time from 30d to 50y, such as 5y"
	const year = 12 * payback.Month
	v, ok := m.text(n, key, want)
	if !ok {
		return DefaultLife
	}
	var d time.Duration
	var err error
	if years, isYears := strings.CutSuffix(v, "y"); isYears {
		var f float64
		f, err = strconv.ParseFloat(years, 64)
		if f > 0 && f <= 50 {
			d = time.Duration(f * float64(year))
		}
	} else {
		d, err = parseDuration(v)
	}
	if err != nil || d < 30*24*time.Hour || d > 50*year {
		m.problem(n, key, "got %q, want %s", v, want)
		return DefaultLife
	}
	return d
}
