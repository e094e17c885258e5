package exporter

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// DefaultStaleAfter is how old the last sample and the last commit may be:
// thirty samples and three commits at the default intervals.
const DefaultStaleAfter = 30 * time.Second

// Status is what /healthz answers.
type Status struct {
	Status  string   `json:"status"`  // "ok" or "unhealthy"
	Reasons []string `json:"reasons"` // why it is unhealthy; empty when it is not
	// SampleAgeSeconds is how long ago the last sample ended, and
	// CommitAgeSeconds when the store last took a batch; null: never.
	SampleAgeSeconds *float64 `json:"sample_age_seconds"`
	CommitAgeSeconds *float64 `json:"commit_age_seconds"`
	// Clocks tells how far the clocks of the request logs are off; a clock that
	// is off and corrected does not make the meter unhealthy.
	Clocks []ClockStatus `json:"log_clocks"`
	// Meters tells of the meters of the whole machine. One that is away makes the
	// metering less trusted and not unhealthy: Warnings says so.
	Meters   []MeterStatus `json:"meters"`
	Warnings []string      `json:"warnings"`

	Version string `json:"version,omitempty"`
}

// ClockStatus is what /healthz answers about the clock of a server's log.
type ClockStatus struct {
	Server         string   `json:"server"`
	OffsetSeconds  *float64 `json:"offset_seconds"`         // how far it is ahead; null: not known
	StdErrSeconds  *float64 `json:"standard_error_seconds"` // of the offset; null: not known
	AppliedSeconds float64  `json:"applied_seconds"`        // taken off the log's times now
}

// MeterStatus is what /healthz answers about a meter of the whole machine.
type MeterStatus struct {
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Scope string `json:"scope"`
	Up    bool   `json:"up"`
	// AgeSeconds is how long ago its newest reading was true; null: there is none.
	AgeSeconds *float64 `json:"reading_age_seconds"`
	Error      string   `json:"error,omitempty"` // why it is away
}

// judge says whether the meter works: its last sample is fresh, the store
// takes batches, and the request logs can be read.
func judge(h Health, known bool, now time.Time, stale time.Duration) Status {
	s := Status{Reasons: []string{}, Clocks: []ClockStatus{}, Meters: []MeterStatus{}, Warnings: []string{}}
	for _, k := range h.Clocks {
		s.Clocks = append(s.Clocks, clockStatus(k))
	}
	for _, m := range h.shownMeters() {
		s.Meters = append(s.Meters, MeterStatus{Name: m.Name, Kind: m.Kind, Scope: string(m.Scope), Up: m.Up, AgeSeconds: age(now, m.At), Error: m.Error})
		if !m.Up {
			s.Warnings = append(s.Warnings, away(m, now))
		}
	}
	s.SampleAgeSeconds = age(now, h.LastSample)
	s.CommitAgeSeconds = age(now, h.LastCommit)
	switch {
	case !known || h.LastSample.IsZero():
		s.Reasons = append(s.Reasons, "no power sample yet")
	case now.Sub(h.LastSample) > stale:
		s.Reasons = append(s.Reasons, fmt.Sprintf("the last power sample is %s old, over %s", now.Sub(h.LastSample).Round(time.Second), stale))
	}
	switch {
	case h.CommitError != "":
		s.Reasons = append(s.Reasons, "the store does not commit: "+h.CommitError)
	case !h.LastCommit.IsZero() && now.Sub(h.LastCommit) > stale:
		s.Reasons = append(s.Reasons, fmt.Sprintf("the last commit to the store is %s old, over %s", now.Sub(h.LastCommit).Round(time.Second), stale))
	}
	s.Reasons = append(s.Reasons, h.Problems...)
	s.Status = "ok"
	if len(s.Reasons) > 0 {
		s.Status = "unhealthy"
	}
	return s
}

// away says that a meter is, since when and why.
func away(m MeterHealth, now time.Time) string {
	text := fmt.Sprintf("the meter %s has not answered yet", m.Name)
	if !m.At.IsZero() {
		text = fmt.Sprintf("the meter %s has been away for %s", m.Name, now.Sub(m.At).Round(time.Second))
	}
	if m.Error != "" {
		text += ": " + m.Error
	}
	return text
}

func clockStatus(k LogClock) ClockStatus {
	out := ClockStatus{Server: k.Server, AppliedSeconds: k.Applied.Seconds()}
	if k.Known {
		offset, stdErr := k.Offset.Seconds(), k.StdErr.Seconds()
		out.OffsetSeconds, out.StdErrSeconds = &offset, &stdErr
	}
	return out
}

func age(now, then time.Time) *float64 {
	if then.IsZero() {
		return nil
	}
	seconds := now.Sub(then).Round(time.Millisecond).Seconds()
	return &seconds
}

// healthz answers 200 when the meter works and 503 when it does not.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	h, known := s.ledger.Health()
	status := judge(h, known, s.config.Now(), s.config.StaleAfter)
	status.Version = s.ledger.options.Build.Version
	body, err := json.Marshal(status)
	if err != nil {
		http.Error(w, "encode status", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if status.Status != "ok" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	// The client may be gone; there is nobody left to tell.
	_, _ = w.Write(append(body, '\n'))
}
