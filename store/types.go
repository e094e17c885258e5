package store

import (
	"context"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
)

// SlotLength is the resolution that is kept for years. Every tariff in the
// world changes on 15-minute marks and every zone offset is a multiple of 15
// minutes, so a day, a price period and a re-pricing are all sums of slots.
const SlotLength = 15 * time.Minute

// SystemSlot is the energy that was measured at one scope in one slot, by where
// it went. The parts, Baseline to Unexplained and Gap, sum to Energy; windows and
// gaps that cross a slot's edge are split by time. A slot in which the scope
// changed has a row for each: no time and no energy is in two of them.
type SystemSlot struct {
	Start          time.Time         `json:"start"` // UTC, on a 15-minute mark
	Scope          attribution.Scope `json:"scope"`
	Energy         energy.Joules     `json:"energy_joules"` // of the scope; the rails beside it are the SoC's alone
	CPU            energy.Joules     `json:"cpu_joules"`
	GPU            energy.Joules     `json:"gpu_joules"`
	ANE            energy.Joules     `json:"ane_joules"`
	Baseline       energy.Joules     `json:"baseline_joules"`
	Inference      energy.Joules     `json:"inference_joules"`
	ModelLoad      energy.Joules     `json:"model_load_joules"`
	ServerOther    energy.Joules     `json:"server_other_joules"`
	OtherProcesses energy.Joules     `json:"other_processes_joules"`
	Unexplained    energy.Joules     `json:"unexplained_joules"`
	// BaselineBusy is the part of Baseline drawn while a request was in flight.
	BaselineBusy energy.Joules `json:"baseline_busy_joules"`
	// BaselineAssumed is the part of Baseline that was assumed, not observed.
	BaselineAssumed energy.Joules `json:"baseline_assumed_joules"`
	Measured        time.Duration `json:"measured_ns"` // time covered by windows
	Busy            time.Duration `json:"busy_ns"`     // time with a request in flight
	// The time, of Measured, in which the source did not report a rail. Its
	// energy is unknown then and in no sum; 0 means that it was always reported.
	CPUUnknown time.Duration `json:"cpu_unknown_ns"`
	GPUUnknown time.Duration `json:"gpu_unknown_ns"`
	ANEUnknown time.Duration `json:"ane_unknown_ns"`
	// Gap is what a meter of the whole machine saw while powermetrics did not run
	// and nothing said who used it; GapTime is for how long. Of gaps without such
	// a meter neither is known, and 0 here. Measured is the time of windows alone.
	Gap     energy.Joules `json:"gap_joules"`
	GapTime time.Duration `json:"gap_ns"`
	// Error bounds, in 95 of 100 cases, how far Energy may be off what Scope
	// names. It is the sum of the windows' and gaps' errors, as errors of that
	// kind add up, over slots too; 0 at the scope of the SoC: nothing is known.
	Error energy.Joules `json:"error_joules"`
}

// ModelSlot is what one server did with one model in one slot. Energy falls in
// the slot in which it was drawn; requests and their tokens in the slot of
// their end.
type ModelSlot struct {
	Start   time.Time     `json:"start"`
	Server  string        `json:"server"`
	Model   string        `json:"model"` // empty: the log does not say
	Prefill energy.Joules `json:"prefill_joules"`
	Decode  energy.Joules `json:"decode_joules"`
	Load    energy.Joules `json:"load_joules"`
	// Error bounds, in 95 of 100 cases, how far Prefill and Decode together may
	// be off for what may not be the requests' at all: the baseline, other
	// processes, unexplained energy. It is the sum of the shares' errors, as
	// errors of that kind add up, over slots and models too. What simultaneous
	// requests may owe each other is not in it.
	Error     energy.Joules `json:"error_joules"`
	Shared    energy.Joules `json:"shared_joules"`    // energy of tier shared
	Estimated energy.Joules `json:"estimated_joules"` // energy of tier estimated

	Input  int64 `json:"input_tokens"` // fresh; sums of the known counts only
	Cached int64 `json:"cached_tokens"`
	Output int64 `json:"output_tokens"`
	// UnknownTokens counts the requests of which a token count is unknown.
	UnknownTokens int64 `json:"unknown_token_requests"`
	// EstimatedTokens counts the requests of which a token count was not told by
	// the server but counted from what passed by; their counts are in the sums.
	EstimatedTokens int64 `json:"estimated_token_requests"`

	// UnknownInput, UnknownCached and UnknownOutput count, of UnknownTokens, the
	// requests of which just that count is unknown. Of slots that were written
	// before these were kept, whose requests are gone too, each is as large as
	// it can be, UnknownTokens.
	UnknownInput  int64 `json:"unknown_input_requests"`
	UnknownCached int64 `json:"unknown_cached_requests"`
	UnknownOutput int64 `json:"unknown_output_requests"`
	// Answered sums the tokens of the requests with outcome ok: what a buyer of
	// tokens would have got an answer for. In a slot that was written before it
	// was kept, whose requests are gone and not all ended well, the tokens of all
	// its ok requests are unknown.
	Answered Tokens `json:"answered"`
	// Long are the parts of Answered by the length of the prompt, for providers
	// that ask more for long ones; by Above. Prompts up to the first mark are in
	// none of them.
	Long []LongTokens `json:"long,omitempty"`
	// UnknownLength counts the requests with outcome ok of which the length of
	// the prompt is not known, and which may be long: they are in none of Long.
	UnknownLength int64 `json:"unknown_length_requests"`

	OK        int64 `json:"ok_requests"`
	Cancelled int64 `json:"cancelled_requests"`
	Failed    int64 `json:"failed_requests"`
	Late      int64 `json:"late_requests"`      // counted above too; their energy is not here
	Unmetered int64 `json:"unmetered_requests"` // counted above too; no window covers them

	// Partial counts the requests, counted above too, of whose time less than
	// 95 % was measured: a part of their energy is unknown.
	Partial int64 `json:"partial_requests"`

	Busy          time.Duration `json:"busy_ns"`        // at least one request in flight
	PrefillTime   time.Duration `json:"prefill_ns"`     // summed over the requests that ended here
	DecodeTime    time.Duration `json:"decode_ns"`      // of requests with a known first token
	DecodedTokens int64         `json:"decoded_tokens"` // output tokens of just those: tok/s = DecodedTokens / DecodeTime

	// MeteredOutput and MeteredEnergy are the output tokens and the whole
	// energy of exactly the same requests: those that ended here, whose output
	// tokens are known and which are neither late, unmetered nor partial.
	// MeteredEnergy / MeteredOutput is the energy per output token. Both fall in
	// the slot of the end, also what was drawn before: never add them to the
	// energies above.
	MeteredOutput int64         `json:"metered_output_tokens"`
	MeteredEnergy energy.Joules `json:"metered_energy_joules"`
	// MeteredOK counts the requests with outcome ok that are neither late,
	// unmetered nor partial, and MeteredOKEnergy is their whole energy.
	MeteredOK       int64         `json:"metered_ok_requests"`
	MeteredOKEnergy energy.Joules `json:"metered_ok_energy_joules"`
}

// Tokens sums token counts of requests; the unknown counts are in no sum.
type Tokens struct {
	Input  int64 `json:"input_tokens"` // fresh
	Cached int64 `json:"cached_tokens"`
	Output int64 `json:"output_tokens"`
	// Each counts the requests of which that count is unknown.
	UnknownInput  int64 `json:"unknown_input_requests"`
	UnknownCached int64 `json:"unknown_cached_requests"`
	UnknownOutput int64 `json:"unknown_output_requests"`
}

// LongTokens are requests whose prompt, cached tokens included, had more than
// Above tokens and no more than the next of LongPrompts.
type LongTokens struct {
	Above    int64 `json:"above_tokens"`
	Requests int64 `json:"requests"`
	Tokens
}

// LongPrompts returns the lengths of a prompt, in tokens, above which a
// provider is known to ask another price, ascending. Price tables of 2026
// (genai-prices, LiteLLM, OpenRouter) have these marks and no other for tokens
// above 32,000.
func LongPrompts() []int64 { return []int64{32_000, 128_000, 200_000, 256_000, 272_000, 512_000} }

// TaggedSlot is the part of a ModelSlot that one client did for one project.
// Requests without a tag are in no TaggedSlot: they are what is left of the
// ModelSlot. So is energy that was booked while the log had not told the tag
// yet, as of a request that took longer than windows are kept open. A store
// tells MaxTags pairs of client and project apart; all further ones are
// OtherTag. Load, Busy, Error, Shared and Estimated are the model's alone and 0 here.
type TaggedSlot struct {
	Client  string `json:"client"`  // empty: tagged with a project only
	Project string `json:"project"` // empty: tagged with a client only
	ModelSlot
}

// Requests is how many requests ended in the slot, whatever their outcome.
func (s ModelSlot) Requests() int64 { return s.OK + s.Cancelled + s.Failed }

// Range is everything kept about [Since, Until), slot by slot.
type Range struct {
	Since  time.Time    `json:"since"`
	Until  time.Time    `json:"until"`
	System []SystemSlot `json:"system"` // by start
	Models []ModelSlot  `json:"models"` // by start, server, model
	Tagged []TaggedSlot `json:"tagged"` // by start, server, model, client, project
	Remote []RemoteSlot `json:"remote"` // by start, server, provider, model
	// Gaps are by start and clipped to the range: of their energy, and its error,
	// they have the part by time.
	Gaps []attribution.Gap `json:"gaps"`
	// TaggedSince is from when on tags were kept in slots: what was drawn
	// before is in none of Tagged, whoever asked for it. Zero: they always were.
	TaggedSince time.Time `json:"tagged_since,omitzero"`
	// Calibrations are those that may have been in force in the range, the oldest
	// first: all that were made in it, and of those made before it the newest of
	// each kind, meter, scope and machine. Those learned in passing are kept as
	// long as there is no newer one.
	Calibrations []attribution.Calibration `json:"calibrations"`
	// Learned is what the models' tokens take as far as it is learned by now,
	// whatever the range; by server and model. Models of which too little is
	// learned are left out.
	Learned []Learned `json:"learned"`
	// Open is the energy measured in the range that is not booked yet, because
	// a request that touches it may still arrive.
	Open        energy.Joules `json:"open_joules"`
	OpenSeconds float64       `json:"open_seconds"`
	// First and Last bound what the store holds at all; zero when it is empty.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Source answers questions about stored energy. The store itself is one; the
// client of the daemon's socket is another.
type Source interface {
	// Range returns the slots that lie in [since, until), which are cut to
	// 15-minute marks.
	Range(ctx context.Context, since, until time.Time) (Range, error)
}
