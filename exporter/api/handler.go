package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// Handler answers the interface from a source. Without WithCalibrations it takes
// none.
func Handler(source store.Source, options ...Option) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+rangePath, func(w http.ResponseWriter, r *http.Request) { serveRange(w, r, source) })
	mux.HandleFunc("PUT "+calibrationPath, settingsOf(options).serveCalibration)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		reject(w, http.StatusNotFound, fmt.Errorf("%s %.100q is not part of the interface", r.Method, r.URL.Path),
			fmt.Sprintf("this daemon knows GET %s and PUT %s", rangePath, calibrationPath))
	})
	return mux
}

func serveRange(w http.ResponseWriter, r *http.Request, source store.Source) {
	since, errSince := instant(r, "since")
	until, errUntil := instant(r, "until")
	if err := errors.Join(errSince, errUntil); err != nil {
		reject(w, http.StatusBadRequest, err, "times look like 2026-03-01T12:00:00Z")
		return
	}
	if until.Before(since) {
		reject(w, http.StatusBadRequest, errors.New("until is before since"), "swap the two times")
		return
	}
	body := &streamBody{w: w}
	if err := writeRange(r.Context(), body, source, since, until); err != nil {
		body.fail(err)
	}
}

// rangeWriter is a source that need not hold a whole range to send it.
type rangeWriter interface {
	WriteRange(ctx context.Context, w io.Writer, since, until time.Time) error
}

func writeRange(ctx context.Context, w io.Writer, source store.Source, since, until time.Time) error {
	if s, ok := source.(rangeWriter); ok {
		return s.WriteRange(ctx, w, since, until)
	}
	found, err := source.Range(ctx, since, until)
	if err != nil {
		return err
	}
	return store.WriteRange(w, found)
}

// streamBody is the body of an answer whose status is settled by whether there
// is anything to send.
type streamBody struct {
	w     http.ResponseWriter
	begun bool
}

// Write sends b.
func (s *streamBody) Write(b []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.w.Header().Set("Content-Type", streamType)
	}
	return s.w.Write(b)
}

// fail answers with an error, or ends a stream with it that has begun.
func (s *streamBody) fail(err error) {
	if !s.begun {
		reject(s.w, http.StatusInternalServerError, err, "")
		return
	}
	// The client may be gone; there is nobody left to tell.
	_, _ = s.w.Write(store.AppendStreamError(nil, err.Error(), hintOf(err, "")))
}

// instant reads a time from the query.
func instant(r *http.Request, name string) (time.Time, error) {
	text := r.URL.Query().Get(name)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s=%.40q is no RFC 3339 time", name, text)
	}
	return t.UTC(), nil
}

// reject answers with an error, and with its own hint when it has one.
func reject(w http.ResponseWriter, status int, err error, hint string) {
	respond(w, status, answer{Version: Version, Error: err.Error(), Hint: hintOf(err, hint)})
}

func respond(w http.ResponseWriter, status int, a answer) {
	// Text alone can always be encoded.
	body, _ := json.Marshal(a)
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	// The client may be gone; there is nobody left to tell.
	_, _ = w.Write(body)
}

func hintOf(err error, otherwise string) string {
	var own interface{ Hint() string }
	if errors.As(err, &own) && own.Hint() != "" {
		return own.Hint()
	}
	return otherwise
}
