package config

import (
	"math"
	"net/url"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/systemmeter"
)

// timeSpan is which times a key takes, with a likely one.
type timeSpan struct{ least, most, likely time.Duration }

// Less than a tenth of a second is more than any device answers; ten minutes
// are the age of a value that was published by the quarter of an hour.
const (
	leastEvery = 100 * time.Millisecond
	mostEvery  = 10 * time.Minute
)

func (r *reader) span(to *time.Duration, s timeSpan) func(ast.Node, string) {
	return func(n ast.Node, key string) {
		read := s.likely
		r.duration(&read, s.least, s.most)(n, key)
		*to = read
	}
}

func everySpan() timeSpan  { return timeSpan{leastEvery, mostEvery, 2 * time.Second} }
func lagSpan() timeSpan    { return timeSpan{0, mostEvery, 2 * time.Second} }
func maxAgeSpan() timeSpan { return timeSpan{time.Second, time.Hour, 15 * time.Second} }

// meterText reads a text that is not empty.
func (r *reader) meterText(n ast.Node, key, want string) string {
	v, ok := r.text(n, key, want)
	if ok && strings.TrimSpace(v) == "" {
		r.problem(n, key, "got \"\", want %s", want)
	}
	return v
}

// meterAddress reads a URL, of which validateMeter sees the rest.
func (r *reader) meterAddress(n ast.Node, key string) string {
	v := r.meterText(n, key, "an address, such as http://192.168.1.20")
	if u, err := url.Parse(v); err == nil && u.User != nil {
		r.problem(n, key, "holds a user or password, want them as user and password_file: a URL gets printed")
		return ""
	}
	return v
}

func (r *reader) channel(n ast.Node, key string) int {
	const want = "the number of a channel from 0, which is the first, to 63"
	v, ok := r.number(n, key, want)
	if ok && (v != math.Trunc(v) || v < 0 || v > 63) {
		r.problem(n, key, "got %s, want %s", describe(n), want)
		return 0
	}
	return int(v)
}

func (r *reader) maxWatts(n ast.Node, key string) energy.Watts {
	v, _ := r.within(n, key, 1, 100_000, "watts from 1 to 100000, such as 300: more cannot be true")
	return energy.Watts(v)
}

func (r *reader) accuracy(n ast.Node, key string) float64 {
	v, _ := r.within(n, key, 0.0001, 0.5, "a part from 0.0001 to 0.5, such as 0.01 for 1 %")
	return v
}

// valuePlace reads where a value is: its place alone, or with unit and scale.
func (r *reader) valuePlace(n ast.Node, key, unit string) systemmeter.ValuePlace {
	const place = "the place of a value: an entity, a query, a JSON pointer or a topic"
	p := systemmeter.ValuePlace{}
	if _, isMapping := n.(ast.MapNode); !isMapping {
		p.Place = r.meterText(n, key, place+", or a mapping with place, unit, scale")
		return p
	}
	r.mapping(n, key, []field{
		{"place", func(n ast.Node, k string) { p.Place = r.meterText(n, k, place) }},
		{"unit", func(n ast.Node, k string) { p.Unit = r.meterText(n, k, "a unit, such as "+unit) }},
		{"scale", func(n ast.Node, k string) { p.Scale = r.scale(n, k) }},
	})
	if !r.given(key + ".place") {
		r.problemAt(key+".place", "missing, want %s", place)
	}
	return p
}

// scale reads a factor; a negative one is for a meter that counts the other way.
func (r *reader) scale(n ast.Node, key string) float64 {
	const want = "a factor other than 0, such as 0.001"
	v, ok := r.number(n, key, want)
	if ok && (v == 0 || math.IsNaN(v) || math.Abs(v) > 1e9) {
		r.problem(n, key, "got %s, want %s", describe(n), want)
	}
	return v
}

func devices() []string {
	return words([]systemmeter.Device{
		systemmeter.DeviceShellyGen1, systemmeter.DeviceShellyGen2, systemmeter.DeviceTasmota, systemmeter.DeviceZigbee2MQTT,
	})
}

func words[S ~string](names []S) []string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return texts
}
