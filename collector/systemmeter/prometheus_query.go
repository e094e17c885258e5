package systemmeter

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// prometheusValue is the one value of a query.
type prometheusValue struct {
	value float64
	asOf  time.Time // the server's time that the query is evaluated at
	at    time.Time // the same by our clock
}

// query asks for the one value of a query; a zero at is the server's now.
func (m *prometheusMeter) query(ctx context.Context, query string, at time.Time) (prometheusValue, error) {
	question := url.Values{"query": {query}}
	if !at.IsZero() {
		question.Set("time", strconv.FormatFloat(float64(at.UnixMilli())/1e3, 'f', 3, 64))
	}
	got, err := m.client.get(ctx, question, "api", "v1", "query")
	if err != nil {
		return prometheusValue{}, prometheusRefused(errors.Unwrap(err)) // the address is told by Read
	}
	v, err := m.parse(got.Body)
	v.at = got.At
	return v, err
}

// parse reads an answer to an instant query.
func (m *prometheusMeter) parse(body []byte) (prometheusValue, error) {
	var answer struct {
		Status string
		Data   struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Status != "success" {
		return prometheusValue{}, hint(fmt.Errorf("no answer of Prometheus: %w", ErrFormat), "is this the address of a Prometheus server?")
	}
	var v model.SampleValue
	var asOf model.Time
	switch answer.Data.ResultType {
	case "scalar":
		var scalar model.Scalar
		if err := json.Unmarshal(answer.Data.Result, &scalar); err != nil {
			return prometheusValue{}, fmt.Errorf("scalar: %w", ErrFormat)
		}
		v, asOf = scalar.Value, scalar.Timestamp
	case "vector":
		var series model.Vector
		if err := json.Unmarshal(answer.Data.Result, &series); err != nil {
			return prometheusValue{}, fmt.Errorf("vector: %w", ErrFormat)
		}
		if len(series) != 1 {
			return prometheusValue{}, m.countError(series)
		}
		if series[0].Histogram != nil {
			return prometheusValue{}, fmt.Errorf("a histogram: %w", ErrFormat)
		}
		v, asOf = series[0].Value, series[0].Timestamp
	default:
		return prometheusValue{}, hint(fmt.Errorf("neither a vector nor a scalar: %w", ErrFormat), "leave out the range in [ ], or put a function such as rate around it")
	}
	switch f := float64(v); {
	case math.IsNaN(f):
		return prometheusValue{}, fmt.Errorf("NaN: %w", ErrUnavailable)
	case math.IsInf(f, 0):
		return prometheusValue{}, fmt.Errorf("infinite: %w", ErrImplausible)
	}
	return prometheusValue{value: float64(v), asOf: asOf.Time()}, nil
}

// countError is for a query that is not one series: which labels tell the
// series apart is what the query lacks.
func (m *prometheusMeter) countError(series model.Vector) error {
	if len(series) == 0 {
		return hint(fmt.Errorf("no series: %w", ErrUnavailable), "is its target up? Try the query on the server's own page")
	}
	values := map[model.LabelName]map[model.LabelValue]bool{}
	for _, s := range series {
		for name, value := range s.Metric {
			if values[name] == nil {
				values[name] = map[model.LabelValue]bool{}
			}
			values[name][value] = true
		}
	}
	var names []string
	for name, different := range values {
		if len(different) > 1 && printable(string(name)) && !m.holdsSecret(string(name)) {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	told := strings.Join(names[:min(len(names), 8)], ", ")
	return hint(fmt.Errorf("%d series, that differ in the labels %s: %w", len(series), cmp.Or(told, "of only some"), ErrFormat),
		"add labels to the query until one series is left, or put sum() around it")
}

// printable holds for a label's name as all exporters have it.
func printable(name string) bool {
	return len(name) <= 64 && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
}

func (m *prometheusMeter) holdsSecret(text string) bool {
	return m.config.Secret.Known() && strings.Contains(text, m.config.Secret.value)
}

// prometheusRefused says what went wrong without what the server said of it.
func prometheusRefused(err error) error {
	var refused *statusError
	if !errors.As(err, &refused) {
		return err
	}
	if errors.Is(err, ErrUnauthorized) {
		return hint(err, "give a user and its password as secret, or a bearer token as secret alone")
	}
	var said struct {
		ErrorType string `json:"errorType"`
	}
	known := json.Unmarshal(refused.Body, &said) == nil
	switch {
	case known && said.ErrorType == "bad_data" && refused.Code == http.StatusBadRequest:
		return hint(fmt.Errorf("the server does not understand it: %w", err), "try the query on the server's own page")
	case known && said.ErrorType == "execution":
		return hint(fmt.Errorf("the server cannot evaluate it: %w", err), "try the query on the server's own page")
	case refused.Code == http.StatusNotFound:
		return hint(err, "is this the address of a Prometheus server?")
	}
	return err
}
