package usage

import (
	"math"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

const (
	maxCount    = 1e12                // tokens; no context is near it
	maxDuration = 30 * 24 * time.Hour // no request is near it
)

// count reads a number of tokens.
func count(text []byte) (attribution.Count, bool) {
	v, ok := number(text)
	if !ok || v > maxCount || v != math.Trunc(v) {
		return attribution.Count{}, false
	}
	return attribution.Known(int64(v)), true
}

// span reads a duration in a unit.
func span(text []byte, unit time.Duration) (Span, bool) {
	v, ok := number(text)
	if !ok || v*float64(unit) > float64(maxDuration) {
		return Span{}, false
	}
	return Span{D: time.Duration(math.Round(v * float64(unit))), Known: true}, true
}

// number reads a JSON number that is not negative.
func number(text []byte) (float64, bool) {
	if len(text) == 0 || text[0] < '0' || text[0] > '9' {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(text), 64)
	return v, err == nil && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// ID returns text when it can be the id of a model or the like, and "" for
// anything else, such as a sentence.
func ID(text []byte) string {
	if len(text) > maxValue {
		return ""
	}
	for _, c := range text {
		if !isIDByte(c) {
			return ""
		}
	}
	return string(text)
}

func isIDByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	case c == '.', c == '_', c == '-', c == ':', c == '/', c == '@', c == '+', c == '=', c == '#':
		return true
	}
	return false
}
