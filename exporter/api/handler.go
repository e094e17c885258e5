package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sovmeter/sovmeter/store"
)

// Handler answers the interface from a source.
func Handler(source store.Source) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+rangePath, func(w http.ResponseWriter, r *http.Request) { serveRange(w, r, source) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		reject(w, http.StatusNotFound, fmt.Errorf("%s %.100q is not part of the interface", r.Method, r.URL.Path),
			fmt.Sprintf("this daemon knows GET %s", rangePath))
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
	found, err := source.Range(r.Context(), since, until)
	if err != nil {
		reject(w, http.StatusInternalServerError, err, "")
		return
	}
	respond(w, http.StatusOK, answer{Version: Version, Range: &found})
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
	var own interface{ Hint() string }
	if errors.As(err, &own) && own.Hint() != "" {
		hint = own.Hint()
	}
	respond(w, status, answer{Version: Version, Error: err.Error(), Hint: hint})
}

// respond encodes the whole answer before the status is sent, so that what
// cannot be encoded is an error and not half a document.
func respond(w http.ResponseWriter, status int, a answer) {
	body, err := json.Marshal(a)
	if err != nil {
		status = http.StatusInternalServerError
		body, _ = json.Marshal(answer{Version: Version, Error: fmt.Sprintf("encode answer: %v", err)})
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(status)
	// The client may be gone; there is nobody left to tell.
	_, _ = w.Write(body)
}
