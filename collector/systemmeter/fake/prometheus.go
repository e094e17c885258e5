package fake

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The series of Prometheus.
const (
	PromPower  = "plug_power_watts"
	PromEnergy = "plug_energy_joules_total"
)

// PrometheusOptions is what a Prometheus server is set to.
type PrometheusOptions struct {
	Now            func() time.Time // its clock; nil means time.Now
	User, Password string           // that it asks for; no User: a bearer token
	Every          time.Duration    // between two scrapes; 0: with each question
}

// Prometheus answers instant queries as the HTTP API of Prometheus does, for the
// two series of a plug, for sum() and scalar() of them, for what they were within
// an hour, for what stands in for them, for min(timestamp()) of any of these, and
// for numbers.
type Prometheus struct {
	options PrometheusOptions
	device  *Device // has the lock, the fault and the meter
	scraped time.Time
	last    look
}

// NewPrometheus returns a server that scrapes a plug.
func NewPrometheus(plug Plug, o PrometheusOptions) (*Prometheus, error) {
	d, err := New(JSON, plug, Options{Now: o.Now})
	if err != nil {
		return nil, err
	}
	o.Now = d.options.Now
	return &Prometheus{options: o, device: d}, nil
}

// SetFault gives the server a fault, and takes it away with NoFault.
func (p *Prometheus) SetFault(f Fault) { p.device.SetFault(f) }

// ServeHTTP answers as Prometheus.
func (p *Prometheus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.device.mu.Lock()
	fault := p.device.fault
	p.device.mu.Unlock()
	switch {
	case p.device.broken(fault, w, r):
	case !p.signedIn(r):
		w.Header().Set("WWW-Authenticate", "Basic")
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
	case r.URL.Path != "/api/v1/query" || fault == NotFound:
		http.NotFound(w, r)
	default:
		p.answer(w, r.FormValue("query"), r.FormValue("time"))
	}
}

func (p *Prometheus) signedIn(r *http.Request) bool {
	if p.options.Password == "" {
		return true
	}
	if p.options.User == "" {
		return same(r.Header.Get("Authorization"), "Bearer "+p.options.Password)
	}
	user, password, _ := r.BasicAuth()
	return same(user, p.options.User) && same(password, p.options.Password)
}

func (p *Prometheus) answer(w http.ResponseWriter, query, at string) {
	p.device.mu.Lock()
	p.scrape()
	now := p.options.Now()
	if seconds, err := strconv.ParseFloat(at, 64); err == nil {
		now = time.UnixMilli(int64(seconds*1e3 + 0.5))
	}
	data, ok := p.evaluate(query, now)
	p.device.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	answer := object{"status": "success", "data": data}
	if !ok {
		w.WriteHeader(http.StatusBadRequest)
		answer = object{"status": "error", "errorType": "bad_data", "error": "invalid parameter \"query\": parse error"}
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// scrape takes a sample when it is time.
func (p *Prometheus) scrape() {
	now := p.options.Now()
	if p.device.fault == NotReported || p.device.fault == Ended || !p.scraped.IsZero() && now.Sub(p.scraped) < p.options.Every {
		return
	}
	p.scraped, p.last = now, p.device.lookAt()
}

// evaluate returns the data of an answer; false for what is no query.
func (p *Prometheus) evaluate(query string, now time.Time) (object, bool) {
	name, ofTime := inside(query, "min(timestamp(", "))")
	series, isSum := inside(name, "sum(", ")")
	series, isScalar := inside(series, "scalar(", ")")
	series, isOld := inside(series, "last_over_time(", "[1h])")
	series, isOr := strings.CutSuffix(series, " or vector(0)")
	series, _, _ = strings.Cut(series, "{")
	stamp := float64(now.UnixMilli()) / 1e3
	var value string
	switch series {
	case PromPower:
		value = strconv.FormatFloat(float64(p.last.watts), 'g', -1, 64)
	case PromEnergy:
		value = strconv.FormatFloat(float64(p.last.total), 'g', -1, 64)
	case "up[5m]":
		return object{"resultType": "matrix", "result": []any{}}, true
	default:
		if _, err := strconv.ParseFloat(series, 64); err != nil {
			return nil, false
		}
		return object{"resultType": "scalar", "result": []any{stamp, series}}, true
	}
	if ofTime {
		value = strconv.FormatFloat(float64(p.scraped.UnixMilli())/1e3, 'f', 3, 64)
	}
	value = p.spoiled(value)
	if isScalar {
		return object{"resultType": "scalar", "result": []any{stamp, value}}, true
	}
	labels := object{"__name__": series, "instance": "mac:9100", "job": "plug"}
	if isSum || ofTime {
		labels = object{}
	}
	result := []any{object{"metric": labels, "value": []any{stamp, value}}}
	switch {
	case p.device.fault == Unavailable, p.device.fault == Ended && !isOld && !isOr:
		result = []any{}
	case p.device.fault == TwoSeries && !isSum && !ofTime:
		result = append(result, object{"metric": object{"__name__": series, "instance": "nas:9100", "job": "plug"}, "value": []any{stamp, value}})
	}
	return object{"resultType": "vector", "result": result}, true
}

func (p *Prometheus) spoiled(value string) string {
	switch p.device.fault {
	case NaN:
		return "NaN"
	case Infinite:
		return "+Inf"
	case NotANumber:
		return "##"
	}
	return value
}

// inside returns what is between the two, and whether it was.
func inside(s, before, after string) (string, bool) {
	if strings.HasPrefix(s, before) && strings.HasSuffix(s, after) {
		return s[len(before) : len(s)-len(after)], true
	}
	return s, false
}
