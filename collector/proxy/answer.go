package proxy

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/collector/proxy/usage"
)

// answer is the body of a response on its way to the client.
type answer struct {
	io.ReadCloser
	meter  *usage.Meter
	now    func() time.Time
	copy   *inflater // nil when the body is not in gzip
	opaque bool      // the body cannot be read
	last   time.Time // when the last bytes came
	whole  bool      // it came to its end
	broken bool      // the server broke it off
}

func newAnswer(r *http.Response, m *usage.Meter, now func() time.Time) *answer {
	a := &answer{ReadCloser: r.Body, meter: m, now: now}
	switch strings.ToLower(r.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip":
		a.copy = newInflater(m)
	default:
		a.opaque = true
	}
	return a
}

// Read implements io.Reader.
func (a *answer) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if n > 0 {
		a.last = a.now()
		a.feed(p[:n])
	}
	switch {
	case errors.Is(err, io.EOF):
		a.whole = true
	case err != nil:
		a.broken = true
	}
	return n, err
}

func (a *answer) feed(p []byte) {
	switch {
	case a.opaque:
	case a.copy != nil:
		a.copy.feed(p, a.last)
	default:
		a.meter.Feed(p, a.last)
	}
}

// usage ends the reading and returns what was read.
func (a *answer) usage() usage.Usage {
	if a.copy != nil {
		a.copy.close()
	}
	return a.meter.Usage()
}
