package proxy

import (
	"encoding/json"
	"io"
	stdlog "log"
	"net/http"
	"strings"
)

// plainWriter keeps net/http from adding to the headers of a response.
type plainWriter struct{ http.ResponseWriter }

// Unwrap lets http.ResponseController find Flush and Hijack.
func (w *plainWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader sends the headers.
func (w *plainWriter) WriteHeader(status int) {
	if status >= http.StatusOK {
		h := w.Header()
		for _, name := range []string{"Date", "Content-Type"} {
			if _, ok := h[name]; !ok {
				h[name] = nil // there, and empty: net/http adds none
			}
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// refuse answers in place of the server, in the form that the clients of its
// API show to people.
func refuse(w http.ResponseWriter, r *http.Request, message string) {
	var body any = map[string]any{"error": map[string]any{"message": message, "type": "upstream_error", "code": http.StatusBadGateway}}
	if strings.HasPrefix(r.URL.Path, "/api/") {
		body = map[string]any{"error": message}
	}
	text, err := json.Marshal(body)
	if err != nil {
		text = []byte(`{"error":"bad gateway"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadGateway)
	w.Write(text)
}

// silent is a logger that prints nothing: what net/http says of a connection
// can hold what went over it.
func silent() *stdlog.Logger { return stdlog.New(io.Discard, "", 0) }
