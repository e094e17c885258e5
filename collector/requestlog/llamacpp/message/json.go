package message

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
)

// cutString takes a JSON string and returns what is between its quotes, escapes
// as they are.
func cutString(b []byte) (s, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return b[1:i], b[i+1:], true
		}
	}
	return nil, nil, false
}

// cutValue takes a JSON value. It keeps the quotes of a string.
func cutValue(b []byte) (value, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	switch b[0] {
	case '"':
		_, rest, ok = cutString(b)
		return b[:len(b)-len(rest)], rest, ok
	case '{', '[':
		return cutNested(b)
	}
	end := bytes.IndexAny(b, ",}")
	if end <= 0 {
		return nil, nil, false
	}
	return b[:end], b[end:], true
}

// cutNested takes an object or an array, whatever is inside.
func cutNested(b []byte) (value, rest []byte, ok bool) {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '"':
			_, after, closed := cutString(b[i:])
			if !closed {
				return nil, nil, false
			}
			i = len(b) - len(after) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return b[:i+1], b[i+1:], true
			}
		}
	}
	return nil, nil, false
}

func unquote(b []byte) []byte {
	if len(b) >= 2 && b[0] == '"' && b[len(b)-1] == '"' {
		return b[1 : len(b)-1]
	}
	return b
}

// number reads b if it is a whole number and nothing else.
func number(b []byte) (int64, bool) {
	s := linescan.Scanner{Rest: b}
	n := s.Number()
	if s.Bad || len(s.Rest) > 0 {
		return 0, false
	}
	return n, true
}
