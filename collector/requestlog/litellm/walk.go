package litellm

import "bytes"

// walker goes through one JSON object and calls set for each field on the
// allow-list. Everything else is skipped without being looked at, so it accepts
// some things that are not JSON; what ends too early it does not accept.
type walker struct {
	data []byte
	at   int
	set  func(f field, raw []byte)
}

// maxDepth bounds how deep fields on the allow-list lie.
const maxDepth = 6

// whole reads an object that is all there is.
func (w *walker) whole() bool {
	if !w.object(scopeTop, 0) {
		return false
	}
	w.space()
	return w.at == len(w.data)
}

func (w *walker) space() {
	for w.at < len(w.data) {
		switch w.data[w.at] {
		case ' ', '\t', '\n', '\r':
			w.at++
		default:
			return
		}
	}
}

// next takes c after any space.
func (w *walker) next(c byte) bool {
	w.space()
	if w.at >= len(w.data) || w.data[w.at] != c {
		return false
	}
	w.at++
	return true
}

func (w *walker) object(s scope, depth int) bool {
	if !w.next('{') || depth > maxDepth {
		return false
	}
	if w.next('}') {
		return true
	}
	for {
		w.space()
		key, ok := w.text()
		if !ok || !w.next(':') {
			return false
		}
		f, child := lookup(s, string(key[1:len(key)-1]))
		if !w.value(f, child, depth) {
			return false
		}
		if w.next('}') {
			return true
		}
		if !w.next(',') {
			return false
		}
	}
}

func (w *walker) value(f field, child scope, depth int) bool {
	w.space()
	if child != scopeSkip && w.at < len(w.data) && w.data[w.at] == '{' {
		return w.object(child, depth+1)
	}
	start := w.at
	if !w.skip() {
		return false
	}
	if f != fieldNone {
		w.set(f, w.data[start:w.at])
	}
	return true
}

// text takes a string with its quotes.
func (w *walker) text() ([]byte, bool) {
	if w.at >= len(w.data) || w.data[w.at] != '"' {
		return nil, false
	}
	start := w.at
	w.at++
	for {
		i := bytes.IndexByte(w.data[w.at:], '"')
		if i < 0 {
			return nil, false
		}
		w.at += i + 1
		slashes := 0
		for w.data[w.at-2-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return w.data[start:w.at], true
		}
	}
}

// skip takes a value of any kind.
func (w *walker) skip() bool {
	open := 0
	for w.at < len(w.data) {
		switch c := w.data[w.at]; c {
		case '"':
			if _, ok := w.text(); !ok {
				return false
			}
		case '{', '[':
			open++
			w.at++
			continue
		case '}', ']':
			if open--; open < 0 {
				return false
			}
			w.at++
		case ',', ':', ' ', '\t', '\n', '\r':
			if open == 0 {
				return false
			}
			w.at++
			continue
		default:
			w.bare()
		}
		if open == 0 {
			return true
		}
	}
	return false
}

// bare takes a number, true, false or null.
func (w *walker) bare() {
	for w.at < len(w.data) && bytes.IndexByte([]byte(`"{}[],: `+"\t\n\r"), w.data[w.at]) < 0 {
		w.at++
	}
}
