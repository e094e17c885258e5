package usage

import "bytes"

const dataField = "data:"

// events takes a stream of server-sent events apart and gives their data to a
// scanner, each event as a document of its own.
type events struct {
	scan  *scanner
	line  lineState
	match int  // bytes of dataField seen at the line's beginning
	cr    bool // the last byte was a carriage return
}

type lineState uint8

const (
	lineStart lineState = iota
	lineSpace           // after "data:", before the one space that does not count
	lineData
	lineOther
)

// feed takes the next bytes.
func (e *events) feed(p []byte) {
	for len(p) > 0 {
		if e.cr && p[0] == '\n' { // the second half of a line end
			e.cr, p = false, p[1:]
			continue
		}
		e.cr = false
		if e.line == lineStart || e.line == lineSpace {
			p = e.begin(p)
			continue
		}
		end := bytes.IndexAny(p, "\r\n")
		data := p
		if end >= 0 {
			data = p[:end]
		}
		if e.line == lineData {
			e.scan.feed(data)
		}
		if end < 0 {
			return
		}
		e.endLine(p[end])
		p = p[end+1:]
	}
}

// begin takes the first bytes of a line.
func (e *events) begin(p []byte) []byte {
	c := p[0]
	switch {
	case e.line == lineSpace:
		e.line = lineData
		if c == ' ' {
			return p[1:]
		}
	case c == '\n' || c == '\r':
		if e.match == 0 { // an empty line ends the event
			e.scan.reset()
		}
		e.endLine(c)
		return p[1:]
	case c == dataField[e.match]:
		if e.match++; e.match == len(dataField) {
			e.line = lineSpace
		}
		return p[1:]
	default:
		e.line = lineOther
	}
	return p
}

// endLine ends a line with a line end that begins with c. Within the data of
// an event a line end is white space.
func (e *events) endLine(c byte) {
	if e.line == lineData {
		e.scan.feed([]byte{'\n'})
	}
	e.line, e.match, e.cr = lineStart, 0, c == '\r'
}
