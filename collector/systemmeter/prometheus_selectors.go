package systemmeter

import (
	"slices"
	"strings"
)

// maxSelectors bounds the questions for one query: a longer one is dated by its
// first selectors.
const maxSelectors = 4

// selectors returns the series that a query of PromQL reads, as they stand in
// it: names with their matchers and offset, without a range. It knows as much
// of the language (prometheus.io/docs, "Querying basics" and "Operators") as
// that takes; what it does not know it leaves out.
func selectors(query string) []string {
	l := promLexer{rest: query}
	var found []string
	for l.space(); l.rest != "" && len(found) < maxSelectors; l.space() {
		switch c := l.rest[0]; {
		case strings.IndexByte("\"'`", c) >= 0:
			l.quoted()
		case c == '[':
			l.until(']')
		case c == '{':
			found = l.add(found, "")
		case c >= '0' && c <= '9' || c == '.':
			l.word()
		case c == '@': // at a fixed time: its age means nothing
			return nil
		case isWord(c):
			found = l.name(found)
		default:
			l.rest = l.rest[1:]
		}
	}
	return found
}

// promLexer walks through a query.
type promLexer struct{ rest string }

func isWord(c byte) bool {
	return c == '_' || c == ':' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// name reads a word: a function, a keyword, or a metric.
func (l *promLexer) name(found []string) []string {
	word := l.word()
	l.space()
	lower := strings.ToLower(word)
	switch {
	case slices.Contains([]string{"by", "without", "on", "ignoring", "group_left", "group_right"}, lower):
		if strings.HasPrefix(l.rest, "(") {
			l.until(')') // labels
		}
	case strings.HasPrefix(l.rest, "("): // a function
	case slices.Contains([]string{"and", "or", "unless", "atan2", "bool", "offset", "inf", "nan"}, lower):
	case l.grouped(): // an aggregation whose labels come first
	default:
		return l.add(found, word)
	}
	return found
}

// grouped is whether by or without follows.
func (l *promLexer) grouped() bool {
	ahead := promLexer{rest: l.rest}
	next := strings.ToLower(ahead.word())
	ahead.space()
	return (next == "by" || next == "without") && strings.HasPrefix(ahead.rest, "(")
}

// add reads what follows a metric's name and adds the selector.
func (l *promLexer) add(found []string, name string) []string {
	text := name
	if strings.HasPrefix(l.rest, "{") {
		text += l.until('}')
	}
	if l.space(); strings.HasPrefix(l.rest, "[") {
		l.until(']')
	}
	l.space()
	ahead := promLexer{rest: l.rest}
	if strings.EqualFold(ahead.word(), "offset") {
		ahead.space()
		sign := ""
		if strings.HasPrefix(ahead.rest, "-") {
			sign, ahead.rest = "-", ahead.rest[1:]
		}
		if by := ahead.word(); by != "" {
			text, l.rest = text+" offset "+sign+by, ahead.rest
		}
	}
	if text == "" || slices.Contains(found, text) {
		return found
	}
	return append(found, text)
}

func (l *promLexer) word() string {
	n := 0
	for n < len(l.rest) && (isWord(l.rest[n]) || l.rest[n] == '.') {
		n++
	}
	word := l.rest[:n]
	l.rest = l.rest[n:]
	return word
}

// space skips blanks and comments.
func (l *promLexer) space() {
	for {
		l.rest = strings.TrimLeft(l.rest, " \t\r\n")
		if !strings.HasPrefix(l.rest, "#") {
			return
		}
		_, l.rest, _ = strings.Cut(l.rest, "\n")
	}
}

// until reads up to a closing bracket and returns all of it.
func (l *promLexer) until(end byte) string {
	whole := l.rest
	l.rest = l.rest[1:]
	for l.rest != "" && l.rest[0] != end {
		if strings.IndexByte("\"'`", l.rest[0]) >= 0 {
			l.quoted()
			continue
		}
		l.rest = l.rest[1:]
	}
	l.rest = l.rest[min(1, len(l.rest)):]
	return whole[:len(whole)-len(l.rest)]
}

// quoted skips a string.
func (l *promLexer) quoted() {
	quote := l.rest[0]
	for i := 1; i < len(l.rest); i++ {
		switch {
		case l.rest[i] == '\\' && quote != '`':
			i++
		case l.rest[i] == quote:
			l.rest = l.rest[i+1:]
			return
		}
	}
	l.rest = ""
}
