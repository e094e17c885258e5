package report

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/exporter/cost"
)

// SchemaName is the value of "schema" in what WriteJSON writes. Within it,
// fields may be added, and none changes its meaning or goes away.
const SchemaName = "sovmeter.report/v1"

const (
	// errorConfidence is the part of cases in which an energy is off by less
	// than its error.
	errorConfidence = 0.95
	// weightsLearned says that prompt and output tokens are weighed by energies
	// learned per model.
	weightsLearned = "learned"
)

// WriteJSON writes the report for programs, as the package comment and
// report.v1.schema.json describe it.
func WriteJSON(w io.Writer, r Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(newDocument(r))
}

// document is the JSON report.
type document struct {
	Schema      string     `json:"schema"`
	GeneratedAt string     `json:"generated_at"`
	Period      periodJSON `json:"period"`
	Scopes      []string   `json:"scopes"`
	scopesJSON
	Rails       []railJSON     `json:"rails"`
	Energy      energyJSON     `json:"energy"`
	Models      []modelJSON    `json:"models"`
	Sinks       []sinkJSON     `json:"sinks"`
	Gaps        []gapJSON      `json:"gaps"`
	Tariff      *tariffJSON    `json:"tariff"`
	Costs       []basisJSON    `json:"costs"`
	OneMoreCall *oneMoreJSON   `json:"one_more_call"`
	Assumptions assumptionJSON `json:"assumptions"`

	Calibration *calibrationJSON `json:"calibration"`

	Learned []learnedJSON `json:"learned"`
	Remote  []remoteJSON  `json:"remote"`
	Power   []powerJSON   `json:"power"`

	By          By               `json:"by"`
	Basis       cost.Basis       `json:"basis"`
	Groups      []groupJSON      `json:"groups"`
	TaggedSince *string          `json:"tagged_since"`
	Comparisons []comparisonJSON `json:"comparisons"`
	PriceTable  *string          `json:"price_table"`
	Carbon      *carbonJSON      `json:"carbon"`
	Hardware    *hardwareJSON    `json:"hardware"`
	Split       *splitJSON       `json:"local_cloud_split"`
	Curve       *curveJSON       `json:"curve"`
}

type periodJSON struct {
	Title           string  `json:"title"`
	Since           string  `json:"since"`
	Until           string  `json:"until"`
	TimeZone        string  `json:"time_zone"`
	Rounded         bool    `json:"rounded"`
	ElapsedSeconds  float64 `json:"elapsed_seconds"`
	MeasuredSeconds float64 `json:"measured_seconds"`
	CoverageRatio   float64 `json:"coverage_ratio"`
}

type railJSON struct {
	Name     string  `json:"name"`
	Reported float64 `json:"reported_seconds"`
}

type energyJSON struct {
	Measured  *energy.Joules `json:"measured_joules"`
	Inference *energy.Joules `json:"inference_joules"`
	Remainder energy.Joules  `json:"remainder_joules"`
	Gap       *energy.Joules `json:"gap_joules"`
	Error     *energy.Joules `json:"error_joules"`
}

type sinkJSON struct {
	Name   string         `json:"name"`
	Energy *energy.Joules `json:"energy_joules"`
	Cost   *moneyJSON     `json:"cost"`
}

type gapJSON struct {
	Reason  string         `json:"reason"`
	Seconds float64        `json:"seconds"`
	Metered float64        `json:"metered_seconds"`
	Energy  *energy.Joules `json:"energy_joules"` // null unless a meter saw a part of it
}

type tariffJSON struct {
	Currency string        `json:"currency"`
	Lowest   *string       `json:"lowest_price_per_kwh"`
	Highest  *string       `json:"highest_price_per_kwh"`
	Unpriced energy.Joules `json:"unpriced_joules"`

	Standing      *moneyJSON `json:"standing_charge"`
	StandingShare *moneyJSON `json:"standing_charge_share"`
}

type basisJSON struct {
	Basis  string         `json:"basis"`
	Energy *energy.Joules `json:"energy_joules"`
	Cost   *moneyJSON     `json:"cost"`
}

type moneyJSON struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

type assumptionJSON struct {
	Baseline  float64        `json:"baseline_assumed_ratio"`
	Estimated float64        `json:"inference_estimated_ratio"`
	Shared    float64        `json:"inference_shared_ratio"`
	Error     *energy.Joules `json:"inference_error_joules"`
	Within    float64        `json:"inference_error_confidence_ratio"`
	Weights   string         `json:"token_weights"`
}

type powerJSON struct {
	Start    string        `json:"start"`
	Seconds  float64       `json:"seconds"`
	Measured float64       `json:"measured_seconds"`
	Watts    *energy.Watts `json:"mean_watts"`
}

// newDocument is the report in the shape of the schema.
func newDocument(r Report) document {
	d := document{Schema: SchemaName, GeneratedAt: stamp(r.Now.In(r.Period.Since.Location())),
		Period: newPeriodJSON(r), Scopes: []string{}, Rails: []railJSON{}, Energy: newEnergyJSON(r), scopesJSON: newScopesJSON(r.ScopeUses), Calibration: newCalibrationJSON(r.Calibration),
		Models: []modelJSON{}, Sinks: []sinkJSON{}, Gaps: []gapJSON{}, Learned: []learnedJSON{}, Remote: []remoteJSON{}, Power: []powerJSON{},
		Tariff: newTariffJSON(r.Tariff), OneMoreCall: newOneMoreJSON(r.OneMore),
		Assumptions: assumptionJSON{Baseline: r.Assumed.BaselineShare, Estimated: r.Assumed.EstimatedShare,
			Shared: r.Assumed.SharedShare, Error: joulesOrNull(r.Assumed.Error, r.divided()), Within: errorConfidence, Weights: weightsLearned}}
	for _, s := range r.Scopes {
		d.Scopes = append(d.Scopes, string(s))
	}
	for _, rail := range r.Rails {
		d.Rails = append(d.Rails, railJSON{string(rail.Name), rail.Reported.Seconds()})
	}
	for _, m := range r.Models {
		d.Models = append(d.Models, newModelJSON(r, m))
	}
	for _, s := range r.Sinks {
		d.Sinks = append(d.Sinks, newSinkJSON(r, s))
	}
	for _, g := range r.Gaps {
		d.Gaps = append(d.Gaps, newGapJSON(g))
	}
	for _, b := range r.Bases {
		d.Costs = append(d.Costs, basisJSON{string(b.Name), joulesOrNull(b.Energy, r.basisKnown(b.Name)), newMoneyJSON(b.Cost)})
	}
	for _, l := range r.Learned {
		d.Learned = append(d.Learned, newLearnedJSON(r, l))
	}
	for _, row := range r.Remote {
		d.Remote = append(d.Remote, newRemoteJSON(row))
	}
	for _, p := range r.Power {
		d.Power = append(d.Power, newPowerJSON(p))
	}
	d.addEconomy(r)
	return d
}

func joulesOrNull(j energy.Joules, known bool) *energy.Joules {
	if !known {
		return nil
	}
	return &j
}

func newEnergyJSON(r Report) energyJSON {
	off, known := r.TotalError()
	return energyJSON{Measured: joulesOrNull(r.Total, r.anything()), Inference: joulesOrNull(r.Inference, r.divided()), Remainder: r.Remainder,
		Gap: newSinkJSON(r, r.sink(SinkGap)).Energy, Error: joulesOrNull(off, known)}
}

func newSinkJSON(r Report, s Sink) sinkJSON {
	return sinkJSON{Name: string(s.Name), Energy: joulesOrNull(s.Energy, r.anything() && !s.Unknown), Cost: newMoneyJSON(s.Cost)}
}

func newGapJSON(g Gap) gapJSON {
	out := gapJSON{Reason: string(g.Reason), Seconds: g.Length.Seconds(), Metered: g.Metered.Seconds()}
	if g.EnergyKnown() {
		out.Energy = &g.Energy
	}
	return out
}

func newPeriodJSON(r Report) periodJSON {
	p := r.Period
	return periodJSON{Title: p.Title, Since: stamp(p.Since), Until: stamp(p.Until),
		TimeZone: zoneName(p.Since), Rounded: p.Rounded, ElapsedSeconds: r.Elapsed.Seconds(),
		MeasuredSeconds: r.Measured.Seconds(), CoverageRatio: r.Coverage()}
}

func newTariffJSON(t Tariff) *tariffJSON {
	if t.Currency == "" {
		return nil
	}
	out := &tariffJSON{Currency: string(t.Currency), Unpriced: t.Unpriced}
	out.Standing, out.StandingShare = newMoneyJSON(t.Standing), newMoneyJSON(t.StandingShare)
	if t.Known {
		lowest, highest := t.Lowest.Decimal(), t.Highest.Decimal()
		out.Lowest, out.Highest = &lowest, &highest
	}
	return out
}

func newMoneyJSON(a Amount) *moneyJSON {
	if !a.Known || a.Money.Currency == "" {
		return nil
	}
	return &moneyJSON{Amount: decimal(a.Money), Currency: string(a.Money.Currency)}
}

func newPowerJSON(p PowerPoint) powerJSON {
	out := powerJSON{Start: stamp(p.Start), Seconds: p.Length.Seconds(), Measured: p.Measured.Seconds()}
	if w, ok := p.Watts(); ok {
		out.Watts = &w
	}
	return out
}

// decimal is the whole amount, to the nano-unit, without zeros at its end.
func decimal(m cost.Money) string { return trimZeros(m.Decimal(9)) }

func stamp(t time.Time) string { return t.Format(time.RFC3339) }

// trimZeros takes the zeros at the end of a decimal away.
func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
