package attribution

import "time"

// Count is a number of tokens that may be unknown. Unknown is not zero.
type Count struct {
	N     int64
	Known bool
}

// Known returns the known count n.
func Known(n int64) Count { return Count{N: n, Known: true} }

// Fraction is a part of a whole, 0 to 1, that may be unknown.
type Fraction struct {
	Of    float64
	Known bool
}

// Outcome is how a request ended.
type Outcome string

// The outcomes. A cancelled or failed request burned energy all the same.
const (
	OutcomeOK        Outcome = "ok"
	OutcomeCancelled Outcome = "cancelled"
	OutcomeError     Outcome = "error"
)

// Request is one inference as the server's log tells it. It never holds any
// text of the prompt or the reply.
type Request struct {
	// ID is unique over all servers and their restarts, and the same each time
	// the same log is read.
	ID     string
	Server string // the configured server name
	Model  string // empty when the log does not say
	// Start is when the server began to work on the request; time spent in the
	// server's queue is not part of it. All times are UTC.
	Start time.Time
	// FirstToken ends prefill and begins decode; zero when the log does not say.
	FirstToken time.Time
	// End is when the server let go of the request; zero while it is in flight.
	End    time.Time
	Input  Count // fresh prompt tokens: prefilled, not served from the cache
	Cached Count // prompt tokens served from the cache
	Output Count // generated tokens
	// Context is the number of tokens in the context when the server let go:
	// input, cached and output together. For a cancelled request it is often
	// the only count a log gives.
	Context Count
	// Reused is the least part of the prompt that the cache was going to serve,
	// as the server said when it began. It is set where Input and Cached are not
	// known, as of a request that was cancelled.
	Reused  Fraction
	Outcome Outcome
	// Uncertainty bounds how far the times may be off, such as 1 s where the
	// log has whole seconds; 0 means no known error.
	Uncertainty time.Duration
	// Position is where in its log the request was completed (a byte offset);
	// with End it makes the request's key in the store.
	Position int64
	// TokensEstimated is true when a count above was not reported by the server
	// but counted from what passed by, such as the chunks of a stream.
	TokensEstimated bool
	// Client and Project name who asked and for what, as the writer of the log
	// tagged it; empty: untagged.
	Client, Project string
}

// counted reports whether the server itself told the request's work.
func (r Request) counted() bool { return r.Input.Known && r.Output.Known && !r.TokensEstimated }

// RemoteCall is a call that a gateway on this machine passed on to a server
// elsewhere. It took no energy here that could be booked to it; it is kept for
// what it cost, beside what local requests did.
type RemoteCall struct {
	ID         string // unique over all servers and their restarts
	Server     string // the configured name of the gateway
	Provider   string // who served it, such as openai; empty when the log does not say
	Model      string // empty when the log does not say
	Start, End time.Time
	Input      Count // prompt tokens that came from no cache and were written to none
	Cached     Count // prompt tokens read from the provider's cache
	CacheWrite Count // prompt tokens written to it
	Output     Count
	Outcome    Outcome
	// Spend is what the gateway reckons the call cost.
	Spend           NanoUSD
	SpendKnown      bool
	Client, Project string // as of Request
	Position        int64  // as of Request
}

// NanoUSD is money in billionths of a US dollar, the unit of gateways' logs.
type NanoUSD int64
