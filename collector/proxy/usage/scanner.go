package usage

import "bytes"

// maxDepth is how deep the allow-list reaches; what lies deeper is skipped by
// counting brackets.
const maxDepth = 8

// maxValue is the longest value that is kept, in bytes.
const maxValue = 128

// state is where in a JSON document the scanner is.
type state uint8

const (
	beforeValue state = iota
	beforeKey
	inKey
	beforeColon
	inString
	inScalar
	afterValue
	inSkip // in an object or array that is not on the list
	lost   // this is not JSON: nothing is read until reset
)

// kind is the form of a value.
type kind uint8

const (
	aString kind = iota
	aScalar      // a number, true, false, null
	anObject
)

// sink takes what a scanner finds.
type sink interface {
	// value takes a value on the allow-list. Its text is the scanner's own and
	// valid only during the call; it is nil for a string that was too long,
	// for an object, and for fieldContent.
	value(f field, k kind, text []byte)
	// end is called at the end of each document.
	end()
	// forget is called in place of end for a document that has none.
	forget()
}

// level is one open object or array that is gone into.
type level struct {
	node  *node
	array bool
}

// scanner finds the values of an allow-list in JSON documents, one after the
// other, that come in pieces. It keeps no text but that of the value it reads.
type scanner struct {
	root  *node
	sink  sink
	state state
	stack [maxDepth]level
	depth int
	cur   *node // of the value that comes next; nil: not on the list
	open  int   // brackets open in what is skipped
	// quoted is set within a string that is skipped, escaped after a backslash.
	quoted, escaped bool
	buf             [maxValue]byte
	n               int
	over            bool // more than buf holds, or not to be kept
}

func newScanner(root *node, to sink) *scanner { return &scanner{root: root, cur: root, sink: to} }

// reset makes the next byte the first of a document.
func (s *scanner) reset() {
	s.state, s.depth, s.cur = beforeValue, 0, s.root
	s.quoted, s.escaped = false, false
	s.sink.forget()
}

// feed takes the next bytes.
func (s *scanner) feed(p []byte) {
	for len(p) > 0 {
		switch s.state {
		case lost:
			return
		case inSkip:
			p = s.skip(p)
		case inString:
			p = s.string(p)
		case inKey:
			p = s.key(p)
		case inScalar:
			p = s.scalar(p)
		default:
			s.structure(p[0])
			p = p[1:]
		}
	}
}

// structure takes a byte between values.
func (s *scanner) structure(c byte) {
	switch c {
	case ' ', '\t', '\n', '\r':
		return
	}
	switch s.state {
	case beforeValue:
		s.begin(c)
	case beforeKey:
		switch c {
		case '"':
			s.state, s.n, s.over, s.escaped = inKey, 0, false, false
		case '}':
			s.pop()
		default:
			s.state = lost
		}
	case beforeColon:
		s.state = lost
		if c == ':' {
			s.state = beforeValue
		}
	case afterValue:
		s.next(c)
	}
}

// begin takes the first byte of a value.
func (s *scanner) begin(c byte) {
	switch c {
	case '{', '[':
		s.push(c == '[')
	case '"':
		s.state, s.n, s.escaped = inString, 0, false
		s.over = s.cur == nil || s.cur.field == fieldNone
	case ']', '}', ',', ':':
		switch {
		case s.depth == 0: // between documents anything goes
		case c == ']' && s.stack[s.depth-1].array:
			s.pop()
		default:
			s.state = lost
		}
	default:
		s.state, s.n = inScalar, 0
		s.over = s.cur == nil || s.cur.field == fieldNone
		s.keep(c)
	}
}

// next takes the byte after a value in an object or array.
func (s *scanner) next(c byte) {
	top := s.stack[s.depth-1]
	switch {
	case c == ',' && top.array:
		s.state, s.cur = beforeValue, top.node.elem
	case c == ',':
		s.state = beforeKey
	case c == ']' && top.array, c == '}' && !top.array:
		s.pop()
	default:
		s.state = lost
	}
}

func (s *scanner) push(isArray bool) {
	n := s.cur
	if n != nil && n.field != fieldNone && !isArray {
		s.sink.value(n.field, anObject, nil)
	}
	if n == nil || s.depth == maxDepth || (isArray && n.elem == nil) || (!isArray && !n.object) {
		s.state, s.open, s.quoted, s.escaped = inSkip, 1, false, false
		return
	}
	s.stack[s.depth] = level{n, isArray}
	s.depth++
	s.state = beforeKey
	if isArray {
		s.state, s.cur = beforeValue, n.elem
	}
}

func (s *scanner) pop() {
	s.depth--
	s.ended()
}

// ended is called after each value.
func (s *scanner) ended() {
	s.state = afterValue
	if s.depth == 0 {
		s.state, s.cur = beforeValue, s.root
		s.sink.end()
	}
}

// keep adds a byte to the value.
func (s *scanner) keep(c byte) {
	switch {
	case s.over:
	case s.n == len(s.buf):
		s.over = true
	default:
		s.buf[s.n] = c
		s.n++
	}
}

func (s *scanner) kept() []byte {
	if s.over {
		return nil
	}
	return s.buf[:s.n]
}

// key takes bytes of a key.
func (s *scanner) key(p []byte) []byte {
	for i, c := range p {
		switch {
		case s.escaped:
			s.escaped = false
		case c == '\\':
			s.escaped, s.over = true, true
		case c == '"':
			s.cur = s.stack[s.depth-1].node.child(s.kept())
			s.state = beforeColon
			return p[i+1:]
		default:
			s.keep(c)
		}
	}
	return nil
}

// scalar takes bytes of a number or a word.
func (s *scanner) scalar(p []byte) []byte {
	for i, c := range p {
		switch c {
		case ',', ']', '}', ' ', '\t', '\n', '\r':
			if s.cur != nil && s.cur.field != fieldNone && s.depth > 0 {
				s.sink.value(s.cur.field, aScalar, s.kept())
			}
			if s.depth == 0 { // a word between documents is none itself
				s.state = beforeValue
			} else {
				s.ended()
			}
			return p[i:]
		}
		s.keep(c)
	}
	return nil
}

// string takes bytes of a string.
func (s *scanner) string(p []byte) []byte {
	content := s.cur != nil && s.cur.field == fieldContent
	for len(p) > 0 {
		if s.over && !s.escaped { // nobody wants it: only its end matters
			i := bytes.IndexAny(p, `"\`)
			if i < 0 {
				return nil
			}
			p = p[i:]
		}
		c := p[0]
		p = p[1:]
		if content && !s.over && c != '"' { // there is some, and that is all to know
			s.over = true
			s.sink.value(fieldContent, aString, nil)
		}
		switch {
		case s.escaped:
			s.escaped = false
			s.unescape(c)
		case c == '\\':
			s.escaped = true
		case c == '"':
			s.endString()
			return p
		default:
			s.keep(c)
		}
	}
	return nil
}

// unescape takes the character after a backslash. Of the characters of an id
// only the slash is ever escaped.
func (s *scanner) unescape(c byte) {
	if c == '/' {
		s.keep(c)
		return
	}
	s.over = true
}

func (s *scanner) endString() {
	if n := s.cur; n != nil && n.field != fieldNone && n.field != fieldContent {
		s.sink.value(n.field, aString, s.kept())
	}
	s.ended()
}

// skip takes bytes of what is not on the list.
func (s *scanner) skip(p []byte) []byte {
	for i := 0; i < len(p); i++ {
		c := p[i]
		switch {
		case s.escaped:
			s.escaped = false
		case s.quoted:
			switch c {
			case '\\':
				s.escaped = true
			case '"':
				s.quoted = false
			}
		case c == '"':
			s.quoted = true
		case c == '{', c == '[':
			s.open++
		case c == '}', c == ']':
			s.open--
			if s.open == 0 {
				s.ended()
				return p[i+1:]
			}
		}
	}
	return nil
}
