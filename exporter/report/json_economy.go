package report

import (
	"strings"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// addEconomy is what the first version of the schema did not have.
func (d *document) addEconomy(r Report) {
	d.By, d.Basis, d.PriceTable, d.TaggedSince = r.by(), r.Basis, nameOrNull(r.PriceTable), stampOrNull(r.TaggedSince)
	if d.Basis == "" {
		d.Basis = cost.Marginal
	}
	d.Groups, d.Comparisons = []groupJSON{}, []comparisonJSON{}
	for _, g := range r.Groups {
		d.Groups = append(d.Groups, newGroupJSON(r, g))
	}
	for _, c := range r.Comparisons {
		d.Comparisons = append(d.Comparisons, newComparisonJSON(c))
	}
	d.Carbon, d.Hardware, d.Split, d.Curve = newCarbonJSON(r), newHardwareJSON(r.Hardware), newSplitJSON(r.Split), newCurveJSON(r)
}

// carbonJSON is "carbon".
type carbonJSON struct {
	Source   *string       `json:"source"`
	Grams    *float64      `json:"grams"`
	Requests *float64      `json:"requests_grams"`
	PerCall  *float64      `json:"one_more_call_grams"`
	Unknown  energy.Joules `json:"unknown_joules"`
}

func newCarbonJSON(r Report) *carbonJSON {
	c := r.Carbon
	if !c.Known && c.Unknown == 0 && c.Source == "" {
		return nil
	}
	return &carbonJSON{Source: nameOrNull(c.Source), Grams: known(c.Grams, c.Known), Requests: known(c.Requests, c.Known && r.divided()),
		PerCall: known(c.PerCall, c.Known && c.PerCall != 0), Unknown: c.Unknown}
}

// hardwareJSON is "hardware".
type hardwareJSON struct {
	Price       *moneyJSON `json:"price"`
	Incremental *moneyJSON `json:"incremental_price"`
	Capital     *moneyJSON `json:"capital"`
	Residual    *moneyJSON `json:"residual"`
	Purchased   *string    `json:"purchased_at"`
	Life        *float64   `json:"life_seconds"`
	Share       float64    `json:"share_ratio"`
	CapitalCost float64    `json:"capital_cost_ratio"`
	PriceDrift  float64    `json:"price_drift_ratio"`
	Charge      *moneyJSON `json:"charge"`
}

func newHardwareJSON(h *Hardware) *hardwareJSON {
	if h == nil {
		return nil
	}
	m := h.Machine
	money := func(m cost.Money, is bool) *moneyJSON { return newMoneyJSON(Amount{Money: m, Known: is}) }
	return &hardwareJSON{Price: money(m.Price, true), Incremental: money(m.Incremental, m.Known), Capital: money(m.Capital(), true),
		Residual: money(m.Residual, true), Purchased: stampOrNull(m.Purchased), Life: known(m.Life.Seconds(), m.Life > 0),
		Share: m.ShareRatio, CapitalCost: m.CapitalCostRatio, PriceDrift: m.PriceDriftRatio, Charge: newMoneyJSON(h.Charge)}
}

// splitJSON is "local_cloud_split".
type splitJSON struct {
	LocalCalls         int64      `json:"local_calls"`
	RemoteCalls        int64      `json:"remote_calls"`
	LocalTokens        int64      `json:"local_tokens"`
	RemoteTokens       int64      `json:"remote_tokens"`
	LocalAtLeast       bool       `json:"local_tokens_at_least"`
	RemoteAtLeast      bool       `json:"remote_tokens_at_least"`
	LocalSpend         *moneyJSON `json:"local_spend"`
	RemoteSpend        *moneyJSON `json:"remote_spend"`
	RemoteSpendAtLeast bool       `json:"remote_spend_at_least"`
}

func newSplitJSON(s *Split) *splitJSON {
	if s == nil {
		return nil
	}
	return &splitJSON{LocalCalls: s.LocalCalls, RemoteCalls: s.RemoteCalls, LocalTokens: s.LocalTokens, RemoteTokens: s.RemoteTokens,
		LocalAtLeast: s.LocalAtLeast, RemoteAtLeast: s.RemoteAtLeast, LocalSpend: newMoneyJSON(s.LocalSpend), RemoteSpend: newMoneyJSON(s.RemoteSpend),
		RemoteSpendAtLeast: s.RemoteSpendAtLeast}
}

// curveJSON is "curve".
type curveJSON struct {
	Basis cost.Basis     `json:"basis"`
	Days  []curveDayJSON `json:"days"`
}

type curveDayJSON struct {
	Start    string      `json:"start"`
	End      string      `json:"end"`
	Coverage float64     `json:"coverage_ratio"`
	Scopes   []string    `json:"scopes"`
	Cost     *moneyJSON  `json:"cost"`
	Avoided  []savedJSON `json:"avoided"`
}

func newCurveJSON(r Report) *curveJSON {
	if len(r.Curve.Days) == 0 {
		return nil
	}
	out := &curveJSON{Basis: r.Curve.Basis}
	for _, d := range r.Curve.Days {
		out.Days = append(out.Days, curveDayJSON{Start: stamp(d.Start), End: stamp(d.End), Coverage: d.CoverageRatio, Scopes: strings.Fields(scopesCell(d.Scopes).Raw),
			Cost: newMoneyJSON(d.Cost), Avoided: r.savedJSON(d.Avoided)})
	}
	return out
}
