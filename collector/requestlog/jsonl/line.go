package jsonl

import (
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/energy"
	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// The bounds of amounts, as powers of ten: a number's distance from a power of
// ten can be told from its digits, however many there are.
const (
	maxTokens      = 12 // no context is near it
	maxJoules      = 15 // a power station for a week
	maxUncertainty = 7  // seconds; four months
	maxSpend       = 6  // US dollars, far more than a call can cost
	maxRatio       = 0
)

// maxTime is longer than any request takes. A start that was never set, 1970,
// would have a request take part in all that the machine ever did.
const maxTime = 7 * 24 * time.Hour

// line holds the fields of one line as they stand there, and the first thing
// that was found to be wrong with them. After that every field reads as absent.
type line struct {
	raw [fieldCount][]byte
	err *FieldError
}

// cut takes a line apart. Fields that are not of the format are passed over.
func (l *line) cut(text []byte) {
	s := scanner{b: text}
	ok := s.object(func(key, value []byte) bool {
		f := fieldOf(unquote(key))
		if f == fieldNone {
			return true
		}
		if l.raw[f] != nil {
			l.fail(f, "given twice")
			return false
		}
		l.raw[f] = value
		return true
	})
	if !ok && l.err == nil {
		l.err = &FieldError{"", "not a JSON object"}
	}
}

func (l *line) fail(f field, reason string) {
	if l.err == nil {
		l.err = &FieldError{f.String(), reason}
	}
}

// has is true for a field that is there and not null.
func (l *line) has(f field) bool { return l.err == nil && l.raw[f] != nil && l.raw[f][0] != 'n' }

// text returns the text of a field; nil when it is absent.
func (l *line) text(f field) []byte {
	if !l.has(f) {
		return nil
	}
	if l.raw[f][0] != '"' {
		l.fail(f, "not a string")
		return nil
	}
	return unquote(l.raw[f])
}

// name returns the text of a field when it can be an id, and "" otherwise.
func (l *line) name(f field) string { return requestlog.Model(string(l.text(f))) }

func (l *line) flag(f field) (is, known bool) {
	if !l.has(f) {
		return false, false
	}
	switch l.raw[f][0] {
	case 't':
		return true, true
	case 'f':
		return false, true
	}
	l.fail(f, "not true or false")
	return false, false
}

// time returns the time of a field; zero when it is absent.
func (l *line) time(f field) time.Time {
	text := l.text(f)
	if text == nil {
		return time.Time{}
	}
	var at time.Time
	if !hasTimeShape(text) || at.UnmarshalText(text) != nil {
		l.fail(f, "not an RFC 3339 time")
		return time.Time{}
	}
	for _, year := range []int{at.Year(), at.UTC().Year()} {
		if year < 1970 || year > 2199 {
			l.fail(f, "not in the years 1970 to 2199")
			return time.Time{}
		}
	}
	return at.UTC()
}

// number returns the number of a field that is at most 10^power.
func (l *line) number(f field, power int) (decimal, bool) {
	if !l.has(f) {
		return decimal{}, false
	}
	if c := l.raw[f][0]; c != '-' && (c < '0' || c > '9') {
		l.fail(f, "not a number")
		return decimal{}, false
	}
	d := parseDecimal(l.raw[f])
	switch {
	case d.negative:
		l.fail(f, "negative")
	case d.above(power):
		l.fail(f, "too large")
	default:
		return d, true
	}
	return decimal{}, false
}

func (l *line) count(f field) attribution.Count {
	d, known := l.number(f, maxTokens)
	if !known {
		return attribution.Count{}
	}
	if !d.whole() {
		l.fail(f, "not a whole number")
		return attribution.Count{}
	}
	return attribution.Known(d.times(0))
}

// billionths returns an amount times 10^9.
func (l *line) billionths(f field, power int) (int64, bool) {
	d, known := l.number(f, power)
	if !known {
		return 0, false
	}
	return d.times(nano), true
}

func (l *line) float(f field, power int) (float64, bool) {
	if _, known := l.number(f, power); !known {
		return 0, false
	}
	return parseFloat(l.raw[f]), true
}

func (l *line) joules(f field) (energy.Joules, bool) {
	v, known := l.float(f, maxJoules)
	return energy.Joules(v), known
}

// texts calls fn for every text of a list of texts.
func (l *line) texts(f field, fn func([]byte)) {
	if !l.has(f) {
		return
	}
	s := scanner{b: l.raw[f]}
	if !s.next('[') {
		l.fail(f, "not a list of strings")
		return
	}
	for !s.next(']') {
		v, ok := s.value()
		if !ok || v[0] != '"' {
			l.fail(f, "not a list of strings")
			return
		}
		fn(unquote(v))
		s.next(',')
	}
}
