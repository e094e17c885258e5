package litellm

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	maxCount = 1e12      // tokens; no context is near it
	maxSpend = 1_000_000 // US dollars for one call
)

// nanos reads a JSON number of at least 0 as billionths, rounded half up, from
// its digits: 0.1 has no exact form in binary, and sums of such would drift.
func nanos(raw []byte) (n int64, zero, ok bool) {
	digits, point, seen := make([]byte, 0, 24), 0, false
	i, dotted := 0, false
	for ; i < len(raw); i++ {
		c := raw[i]
		if c == '.' && !dotted && seen {
			dotted = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen = true
		if !dotted && (len(digits) > 0 || c != '0') {
			point++
		}
		switch {
		case len(digits) == 0 && c == '0':
			if dotted {
				point--
			}
		case len(digits) < cap(digits): // the rest is far below a billionth of what fits
			digits = append(digits, c)
		}
	}
	exponent, ok := exponentOf(raw[i:])
	if !seen || !ok {
		return 0, false, false
	}
	n, ok = shifted(digits, point+exponent+9)
	return n, len(digits) == 0, ok
}

// exponentOf reads "", "e-05" or "E+3".
func exponentOf(raw []byte) (int, bool) {
	if len(raw) == 0 {
		return 0, true
	}
	if raw[0] != 'e' && raw[0] != 'E' || len(raw) > 6 {
		return 0, false
	}
	n, err := strconv.Atoi(string(raw[1:]))
	return n, err == nil
}

// shifted returns 0.digits times ten to the power of places.
func shifted(digits []byte, places int) (int64, bool) {
	if len(digits) == 0 || places < 0 {
		return 0, true
	}
	if places > 19 {
		return 0, false
	}
	n := uint64(0)
	for i := range places {
		n *= 10
		if i < len(digits) {
			n += uint64(digits[i] - '0')
		}
	}
	if places < len(digits) && digits[places] >= '5' {
		n++
	}
	return int64(n), n <= math.MaxInt64
}

// countOf reads a whole number of tokens.
func countOf(raw []byte) (int64, bool) {
	n, err := strconv.ParseUint(string(raw), 10, 63)
	return int64(n), err == nil && n <= maxCount
}

// timeOf reads seconds since 1970, or a date and time.
func timeOf(raw []byte, zone *time.Location) (int64, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		n, _, ok := nanos(raw)
		return n, ok && n > 0 && time.Unix(0, n).UTC().Year() < 2200
	}
	text, ok := text(raw)
	if !ok || len(text) < len("2006-01-02T15:04:05") || len(text) > 40 {
		return 0, false
	}
	if zone == nil {
		zone = time.UTC
	}
	text = strings.Replace(text, " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			y := at.UTC().Year()
			return at.UnixNano(), y >= 1970 && y < 2200
		}
	}
	return 0, false
}

// text returns what is between the quotes of a string without escapes. No id,
// name, address or time on the allow-list has need of any.
func text(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' || bytes.IndexByte(raw, '\\') >= 0 {
		return "", false
	}
	return string(raw[1 : len(raw)-1]), true
}
