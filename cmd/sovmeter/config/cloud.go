package config

import (
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/exporter/cost/avoided"
)

// DefaultStaleAfter is how long a cloud price may go without a check.
const DefaultStaleAfter = 90 * 24 * time.Hour

// Cloud is what the answers given here are compared with.
type Cloud struct {
	Prices string          // absolute path of a price table; empty: the one that is built in
	Plan   avoided.Options // without Table, TableName and Exchange
}

// builtIn is the currency of the built-in price table.
const builtIn = "USD"

// nothing is what a comparator is called that compares with nothing.
const nothing = "none"

// readCloud returns nil when a value has a problem, which is then reported.
func (m *moneyReader) readCloud(n ast.Node, key string) *Cloud {
	before := len(m.problems)
	c := Cloud{Plan: avoided.Options{Cache: avoided.Mirror, StaleAfter: DefaultStaleAfter}}
	p := &c.Plan
	ok := m.mapping(n, key, []field{
		{"prices", m.absolute(&c.Prices)},
		{"cache", func(n ast.Node, k string) {
			p.Cache = avoided.CachePolicy(m.oneOf(n, k, []string{string(avoided.Mirror), string(avoided.None)}))
		}},
		{"batch", func(n ast.Node, k string) { p.Batch, _ = m.boolean(n, k) }},
		{"stale_after", m.duration(&p.StaleAfter, 24*time.Hour, 10*365*24*time.Hour)},
		{"subscription", func(n ast.Node, k string) { m.subscription(n, k, p) }},
		{"models", func(n ast.Node, k string) { p.Rules = m.cloudModels(n, k) }},
		{"substitute", func(n ast.Node, k string) { p.Default.Substitute = m.target(n, k) }},
	})
	if ok && c.Prices == "" { // one's own table may be in one's own currency
		m.convertible(key, "has prices", builtIn)
	}
	if !ok || len(m.problems) > before {
		return nil
	}
	return &c
}

func (m *moneyReader) subscription(n ast.Node, key string, p *avoided.Options) {
	currency := m.currencyIn(n)
	ok := m.mapping(n, key, []field{
		{"price_per_month", func(n ast.Node, k string) {
			p.Subscription, _ = m.paid(n, k, currency, "what a month costs, such as 20")
		}},
		{"currency", func(n ast.Node, k string) { m.code(n, k) }},
	})
	if !ok {
		return
	}
	if !m.given(key+".price_per_month") || !m.given(key+".currency") {
		m.problem(n, key, "wants both price_per_month and currency")
	}
	if currency != builtIn || m.given("cloud.prices") { // else it is said of the prices
		m.convertible(key+".currency", "is", currency)
	}
}

func (m *moneyReader) cloudModels(n ast.Node, key string) []avoided.Rule {
	const share = "the part of the calls that would have been bought, from 0 to 1"
	const tokenizer = "tokens of the substitute for each local one, from 0.1 to 10, such as 1.1"
	var list []avoided.Rule
	m.sequence(n, key, "a list of models", func(n ast.Node, key string) {
		rule := avoided.Rule{}
		ok := m.mapping(n, key, []field{
			{"model", func(n ast.Node, k string) {
				rule.Model, _ = m.text(n, k, "a model's name, in which * stands for any text")
			}},
			{"same_weights", func(n ast.Node, k string) { rule.SameWeights = m.target(n, k) }},
			{"substitute", func(n ast.Node, k string) { rule.Substitute = m.target(n, k) }},
			{"substitution_share", func(n ast.Node, k string) {
				if v, ok := m.within(n, k, 0, 1, share); ok {
					rule.ShareRatio = &v
				}
			}},
			{"tokenizer_ratio", func(n ast.Node, k string) { rule.TokenizerRatio, _ = m.within(n, k, 0.1, 10, tokenizer) }},
		})
		if !ok {
			return
		}
		if !m.given(key + ".model") {
			m.problem(n, key, "has no model, want a local model's name, in which * stands for any text")
		} else if rule.Model == "" {
			m.problemAt(key+".model", "got \"\", want a local model's name, or * for all")
		}
		for _, o := range list {
			if strings.EqualFold(o.Model, rule.Model) && o.Model != "" {
				m.problemAt(key+".model", "got %q a second time, want each once: the first one holds", rule.Model)
			}
		}
		list = append(list, rule)
	})
	return list
}

// target reads what a provider sells, or that there is nothing to compare with.
func (m *moneyReader) target(n ast.Node, key string) *avoided.Target {
	if s, ok := n.(*ast.StringNode); ok && s.Value == nothing {
		return &avoided.Target{}
	}
	const want = "a name as sovmeter prices list shows it"
	t := &avoided.Target{}
	if _, ok := n.(ast.MapNode); !ok {
		m.problem(n, key, "got %s, want a mapping with provider and model, or none", describe(n))
		return nil
	}
	m.mapping(n, key, []field{
		{"provider", func(n ast.Node, k string) { t.Provider, _ = m.text(n, k, want) }},
		{"model", func(n ast.Node, k string) { t.Model, _ = m.text(n, k, want) }},
	})
	if t.Provider == "" || t.Model == "" {
		m.problem(n, key, "wants both provider and model, as sovmeter prices list shows them")
	}
	return t
}
