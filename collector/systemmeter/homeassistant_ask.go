package systemmeter

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"
)

// state asks for the state of an entity.
func (m *homeAssistant) state(ctx context.Context, id string) (haState, exchanged, error) {
	got, err := m.exchange(ctx, http.MethodGet, nil, "api", "states", id)
	if err != nil {
		return haState{}, got, err
	}
	s, err := parseHAState(got.body)
	return s, got, err
}

// haReport is what the template says.
type haReport struct {
	State    string  `json:"state"`
	Reported float64 `json:"reported"` // Unix time, in seconds
	Now      float64 `json:"now"`
}

// time is when the value was last reported, by Home Assistant's clock.
func (r haReport) time() time.Time { return time.UnixMicro(int64(math.Round(r.Reported * 1e6))) }

// render asks for an entity's state and its last report by a template, and
// returns with it when that was by our clock.
func (m *homeAssistant) render(ctx context.Context, id string) (haReport, time.Time, error) {
	question, err := json.Marshal(map[string]string{"template": "{% set s = states['" + id + "'] %}" +
		"{{ {'state': s.state, 'reported': as_timestamp(s.last_reported), 'now': as_timestamp(now())} | tojson }}"})
	if err != nil {
		return haReport{}, time.Time{}, err
	}
	got, err := m.exchange(ctx, http.MethodPost, question, "api", "template")
	if err != nil {
		return haReport{}, time.Time{}, err
	}
	var r haReport
	if err := json.Unmarshal(got.body, &r); err != nil || r.Reported <= 0 || r.Now < r.Reported {
		return haReport{}, time.Time{}, &statusError{Code: http.StatusNotImplemented}
	}
	age := time.Duration((r.Now - r.Reported) * float64(time.Second))
	return r, got.middle().Add(-age), nil
}

// exchange asks Home Assistant, and learns from its answer what its clock says.
func (m *homeAssistant) exchange(ctx context.Context, method string, body []byte, elements ...string) (exchanged, error) {
	at := m.client.base.JoinPath(elements...)
	request := &http.Request{Method: method, URL: at, Host: at.Host, Header: http.Header{}}
	if body != nil {
		request.Body, request.ContentLength = readCloser{bytes.NewReader(body)}, int64(len(body))
		request.Header.Set("Content-Type", "application/json")
	}
	got, err := m.client.exchange(ctx, request)
	if err != nil {
		return got, err
	}
	if date, err := http.ParseTime(got.response.Header.Get("Date")); err == nil {
		m.clock.learn(date, got.begun, got.ended)
	}
	switch code := got.response.StatusCode; {
	case code/100 == 2:
		return got, nil
	case code == http.StatusNotFound && isMissingEntity(got.body):
		return got, hint(fmt.Errorf("there is no such entity: %w", &statusError{Code: code}), "look its name up under Developer tools, States")
	case code == http.StatusNotFound:
		return got, hint(&statusError{Code: code}, "is this the address of Home Assistant, such as http://192.168.1.5:8123, with its api integration on?")
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return got, hint(&statusError{Code: code}, "make a long-lived access token in your profile of Home Assistant, under Security, and give it as this meter's secret")
	default:
		return got, &statusError{Code: code}
	}
}

// isMissingEntity tells Home Assistant's own 404 from that of anything else.
func isMissingEntity(body []byte) bool {
	var said struct {
		Message string `json:"message"`
	}
	return json.Unmarshal(body, &said) == nil && said.Message == "Entity not found."
}

// readCloser is a body that needs no closing.
type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }
