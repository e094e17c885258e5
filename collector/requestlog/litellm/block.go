package litellm

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// indent is by how many spaces a printed payload is indented a level.
const indent = 4

// block is an object printed over many lines, as far as it was read. Strings
// have no line ends in JSON, so no text can look like a line of one.
type block struct {
	Open    bool                `cbor:"1,keyasint"`
	Scopes  [maxDepth + 1]scope `cbor:"2,keyasint"` // by level; scopeSkip where nothing is read
	Payload payload             `cbor:"3,keyasint"`
}

// readBlock takes a line that is not an object by itself.
func (p *Parser) readBlock(line []byte, offset int64) requestlog.Verdict {
	b := &p.block
	switch {
	case string(line) == "{":
		*b = block{Open: true}
		b.Scopes[1] = scopeTop
		return requestlog.Ignored
	case !b.Open:
		return requestlog.Ignored
	case string(line) == "}":
		pl := b.Payload
		*b = block{}
		return p.finish(&pl, offset)
	}
	level, rest := indented(line)
	if level == 0 || level > maxDepth || b.Scopes[level] == scopeSkip || len(rest) == 0 || rest[0] != '"' {
		return requestlog.Ignored
	}
	key, value, ok := bytes.Cut(rest[1:], []byte(`": `))
	if !ok {
		return requestlog.Ignored
	}
	f, child := lookup(b.Scopes[level], string(key))
	switch string(value) {
	case "{":
		b.enter(level+1, child)
		return requestlog.Ignored
	case "[":
		b.enter(level+1, scopeSkip)
		return requestlog.Ignored
	}
	return p.blockValue(f, bytes.TrimSuffix(value, []byte(",")))
}

func (p *Parser) blockValue(f field, value []byte) requestlog.Verdict {
	switch {
	case f == fieldNone, f == fieldMessage, len(value) == 0:
		return requestlog.Ignored
	case f == fieldMetadata:
		p.readMetadata(value, &p.block.Payload)
		return requestlog.Used
	case p.set(&p.block.Payload, f, value):
		return requestlog.Used
	}
	return requestlog.Ignored
}

// enter notes what the lines of a level, and none below it, are about.
func (b *block) enter(level int, s scope) {
	for i := level; i < len(b.Scopes); i++ {
		b.Scopes[i] = scopeSkip
	}
	if level < len(b.Scopes) {
		b.Scopes[level] = s
	}
}

// indented returns a line's level, 0 for one that has none, and the line
// without its indent.
func indented(line []byte) (int, []byte) {
	rest := bytes.TrimLeft(line, " ")
	spaces := len(line) - len(rest)
	if spaces%indent != 0 {
		return 0, nil
	}
	return spaces / indent, rest
}
