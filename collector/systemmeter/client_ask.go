package systemmeter

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"time"
)

// exchanged is an answer of any status, with when it was asked for and came.
type exchanged struct {
	response     *http.Response // its body is read and closed
	body         []byte
	begun, ended time.Time
}

// middle is the time between question and answer.
func (e exchanged) middle() time.Time { return e.begun.Add(e.ended.Sub(e.begun) / 2) }

// ask gets a URL, and takes an answer that is a success.
func (c *client) ask(ctx context.Context, at *url.URL) (answer, error) {
	got, err := c.exchange(ctx, &http.Request{Method: http.MethodGet, URL: at, Host: at.Host, Header: http.Header{}})
	if err != nil {
		return answer{}, err
	}
	if code := got.response.StatusCode; code/100 != 2 {
		return answer{}, &statusError{Code: code, Body: got.body}
	}
	return answer{Body: got.body, At: got.middle().UTC(), RoundTrip: got.ended.Sub(got.begun)}, nil
}

// exchange asks a question of any method under the rules of the client. Its
// errors hold neither the question nor what was answered.
func (c *client) exchange(ctx context.Context, request *http.Request) (exchanged, error) {
	limited, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	got := exchanged{begun: c.now()}
	connected := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { got.begun = c.now() }}
	request = request.WithContext(httptrace.WithClientTrace(limited, connected))
	for name, values := range c.header {
		request.Header[name] = values
	}
	request.Host = cmp.Or(c.header.Get("Host"), request.Host)
	response, err := c.http.Do(request)
	if err != nil {
		return exchanged{}, ended(ctx, err)
	}
	defer response.Body.Close()
	got.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	got.response, got.ended = response, c.now()
	switch {
	case response.StatusCode/100 != 2: // that says enough, whatever became of the body
	case err != nil:
		return exchanged{}, ended(ctx, err)
	case len(got.body) > maxAnswer:
		return exchanged{}, fmt.Errorf("longer than %d KiB: %w", maxAnswer>>10, ErrFormat)
	}
	return got, nil
}

// ended says why there is no answer, in words that hold nothing of the question
// or of what the device said: it may have said the question again.
func ended(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	if err = asTimeout(err); errors.Is(err, ErrTimeout) {
		return err
	}
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err // the text of url.Error holds the whole query
	}
	for _, known := range []error{ErrRemote, ErrStatus, http.ErrSchemeMismatch} {
		if errors.Is(err, known) {
			return err
		}
	}
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &network):
		return fmt.Errorf("%w: %w", ErrUnreachable, network)
	case errors.As(err, &certificate):
		return fmt.Errorf("%w: %w", ErrUnreachable, certificate)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it closed the connection", ErrUnreachable)
	}
	return fmt.Errorf("no valid HTTP: %w", ErrFormat)
}
