package systemmeter

import (
	"context"
	"fmt"
	"io"
	"net/http"
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

// exchange asks a question of any method under the rules of the client. Its
// errors hold neither the question nor what was answered.
func (c *client) exchange(ctx context.Context, request *http.Request) (exchanged, error) {
	limited, cancel := context.WithTimeout(ctx, questionTimeout)
	defer cancel()
	request = request.WithContext(limited)
	for name, values := range c.header {
		request.Header[name] = values
	}
	got := exchanged{begun: c.now()}
	response, err := c.http.Do(request)
	if err != nil {
		return exchanged{}, ended(ctx, err)
	}
	defer response.Body.Close()
	got.body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return exchanged{}, ended(ctx, err)
	}
	if len(got.body) > maxAnswer {
		return exchanged{}, fmt.Errorf("longer than %d KiB: %w", maxAnswer>>10, ErrFormat)
	}
	got.response, got.ended = response, c.now()
	return got, nil
}
