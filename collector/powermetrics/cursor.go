package powermetrics

import "bytes"

// element is what a tag opens.
type element uint8

const (
	elementNone element = iota // the document is malformed
	elementDict
	elementArray
	elementString
	elementInteger
	elementReal
	elementDate
	elementData
	elementTrue
	elementFalse
	elementEmpty // a container or string closed in its own tag: <dict/>
	elementEnd   // </dict> or </array>
)

// cursor walks over one document. Its first defect sticks: from then on every
// method returns at once and the walk ends.
type cursor struct {
	b      []byte
	i      int
	defect Defect
}

// fail records the first defect and moves to the end, so that all loops stop.
func (c *cursor) fail(d Defect) {
	if c.defect == "" {
		c.defect = d
	}
	c.i = len(c.b)
}

// space moves past blanks and comments.
func (c *cursor) space() {
	for {
		for c.i < len(c.b) && c.b[c.i] <= ' ' {
			c.i++
		}
		if !c.has("<!--") {
			return
		}
		n := bytes.Index(c.b[c.i:], []byte("-->"))
		if n < 0 {
			c.fail(DefectMalformed)
			return
		}
		c.i += n + len("-->")
	}
}

// has reports whether the rest begins with s.
func (c *cursor) has(s string) bool {
	return len(c.b)-c.i >= len(s) && string(c.b[c.i:c.i+len(s)]) == s
}

// key reads the next <key> of a dictionary. It is false at the dictionary's
// end, which it moves past, and on a defect.
func (c *cursor) key() ([]byte, bool) {
	c.space()
	if c.has("<key>") {
		start := c.i + len("<key>")
		n := bytes.IndexByte(c.b[start:], '<')
		if n >= 0 {
			c.i = start + n
		}
		if n >= 0 && c.has("</key>") {
			c.i += len("</key>")
			return c.b[start : start+n], true
		}
	} else if c.has("</dict>") {
		c.i += len("</dict>")
		return nil, false
	}
	c.fail(DefectMalformed)
	return nil, false
}

// open reads the next tag.
func (c *cursor) open() element {
	c.space()
	if c.i < len(c.b) && c.b[c.i] == '<' {
		rest := c.b[c.i+1:]
		if n := bytes.IndexByte(rest, '>'); n >= 0 {
			if e := elementOf(rest[:n]); e != elementNone {
				c.i += n + len("<>")
				return e
			}
		}
	}
	c.fail(DefectMalformed)
	return elementNone
}

func elementOf(tag []byte) element {
	switch string(tag) {
	case "integer":
		return elementInteger
	case "real":
		return elementReal
	case "string":
		return elementString
	case "dict":
		return elementDict
	case "array":
		return elementArray
	case "/dict", "/array":
		return elementEnd
	case "true/":
		return elementTrue
	case "false/":
		return elementFalse
	case "date":
		return elementDate
	case "data":
		return elementData
	case "dict/", "array/", "string/", "data/":
		return elementEmpty
	}
	if i := bytes.IndexByte(tag, ' '); i > 0 { // <true />
		trimmed := bytes.TrimLeft(tag[i:], " ")
		if len(trimmed) == 0 || string(trimmed) == "/" {
			return elementOf(append(tag[:i:i], trimmed...))
		}
	}
	return elementNone
}

// text reads the content of a scalar that open has entered, and its end tag.
func (c *cursor) text(e element) []byte {
	var end string
	switch e {
	case elementInteger:
		end = "</integer>"
	case elementReal:
		end = "</real>"
	case elementString:
		end = "</string>"
	case elementDate:
		end = "</date>"
	case elementData:
		end = "</data>"
	default:
		return nil
	}
	start := c.i
	n := bytes.IndexByte(c.b[start:], '<')
	if n >= 0 {
		c.i = start + n
		if !c.has(end) && e == elementString { // a bare < in a process name
			n = bytes.Index(c.b[start:], []byte(end))
			c.i = start + max(n, 0)
		}
	}
	if n < 0 || !c.has(end) {
		c.fail(DefectMalformed)
		return nil
	}
	c.i += len(end)
	return c.b[start : start+n]
}

// enter opens the next value and reports whether it is a container of the kind
// wanted, with something in it. Any other value is skipped.
func (c *cursor) enter(want element) bool {
	e := c.open()
	if e == want {
		return true
	}
	c.discard(e)
	return false
}

// item opens the next dictionary of an array, skipping other items. It is
// false at the array's end.
func (c *cursor) item() bool {
	for {
		switch e := c.open(); e {
		case elementDict:
			return true
		case elementEnd, elementNone:
			return false
		default:
			c.discard(e)
		}
	}
}

// skip moves past the next value.
func (c *cursor) skip() { c.discard(c.open()) }

// discard moves past the rest of a value that open has entered.
func (c *cursor) discard(e element) {
	switch e {
	case elementDict, elementArray:
		c.skipTree()
	case elementEnd: // a key without a value
		c.fail(DefectMalformed)
	default:
		c.text(e)
	}
}

// skipTree moves past the end of the container that the cursor is in. It looks
// only at the first letters of tags: nothing inside is read.
func (c *cursor) skipTree() {
	depth := 1
	for depth > 0 {
		n := bytes.IndexByte(c.b[c.i:], '<')
		if n < 0 || c.i+n+3 >= len(c.b) {
			c.fail(DefectMalformed)
			return
		}
		c.i += n + 1
		switch t := c.b[c.i : c.i+3]; {
		case t[0] == 'k', t[0] == 'i', t[0] == 'r', t[0] == 't', t[0] == 'f':
		case t[0] == '/' && (t[1] == 'a' || t[1] == 'd' && t[2] == 'i'):
			depth--
		case t[0] == '/' && t[1] == 'p': // </plist>
			c.fail(DefectMalformed)
		case t[0] == '/':
		case t[0] == 'a', t[0] == 'd' && t[1] == 'i', t[0] == 's':
			c.i--
			if e := c.open(); e == elementDict || e == elementArray {
				depth++
			} else {
				c.text(e)
			}
		case t[0] == '!' && t[1] == '-' && t[2] == '-':
			c.i--
			c.space()
		}
	}
	if n := bytes.IndexByte(c.b[c.i:], '>'); n >= 0 {
		c.i += n + 1
		return
	}
	c.fail(DefectMalformed)
}
