package llamacpp

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/linescan"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// shape is how a run of the server dresses its messages.
type shape uint8

const (
	shapeUnknown   shape = iota
	shapePlain           // no prefix
	shapeStamped         // stamp and level, with or without colours
	shapeJSON            // one JSON object a line
	shapeLevelled        // level and no stamp
	shapeDatedText       // LEVEL [function] message | key=value …, with Unix seconds
	shapeDatedJSON       // the same as one JSON object a line
)

// stamped is true for shapes whose lines have a stamp counted from the process's
// start.
func (s shape) stamped() bool { return s == shapeStamped || s == shapeJSON }

// dated is true for shapes whose lines have Unix seconds.
func (s shape) dated() bool { return s == shapeDatedText || s == shapeDatedJSON }

// reading is what one line says.
type reading struct {
	shape shape
	// stamp counts from the process's start, or, for dated shapes, from 1970; 0 for
	// shapes that have none.
	stamp time.Duration
	msg   message.Message
	text  []byte // the message itself; empty for dated shapes
}

// read undresses a line and recognises its message. It is false for lines that
// no shape fits.
func read(line []byte) (reading, bool) {
	if len(line) < 2 {
		return reading{}, false
	}
	switch c := line[0]; {
	case c == '{':
		return readJSON(line)
	case c >= '0' && c <= '9':
		return readStamped(line)
	case c == '\x1b':
		if r, ok := readStamped(line); ok {
			return r, true
		}
		return readLevelled(skipColour(line))
	case line[1] == ' ':
		return readLevelled(line)
	case c == 'I':
		return readDated(line, shapeDatedText)
	case c == 's', c == 'm', c == 'l', c == 'p':
		return reading{shape: shapePlain, msg: message.Read(line, false), text: line}, true
	}
	return reading{}, false
}

func readJSON(line []byte) (reading, bool) {
	stamp, msg, ok := undressJSON(line)
	if !ok {
		return readDated(line, shapeDatedJSON)
	}
	return reading{shape: shapeJSON, stamp: stamp, msg: message.Read(msg, true), text: msg}, true
}

func readDated(line []byte, sh shape) (reading, bool) {
	m, at, ok := message.ReadDated(line)
	if !ok || at.Unix() > int64(maxDate/time.Second) {
		return reading{}, false
	}
	return reading{shape: sh, stamp: time.Duration(at.Unix()) * time.Second, msg: m}, true
}

// maxDate bounds Unix times: they must fit a time.Duration, to the year 2200.
const maxDate = 230 * 365 * 24 * time.Hour

// readStamped takes "M.SS.mmm.uuu L message", colours anywhere between.
func readStamped(line []byte) (reading, bool) {
	s := linescan.Scanner{Rest: skipColour(line)}
	minutes, seconds := s.NumberTo('.'), s.NumberTo('.')
	milli := s.Digits(3)
	s.Byte('.')
	micro := s.Digits(3)
	s.Rest = skipColour(s.Rest)
	s.Byte(' ')
	if s.Bad || seconds > 59 || minutes > int64(message.MaxDuration/time.Minute) {
		return reading{}, false
	}
	r, ok := readLevelled(skipColour(s.Rest))
	r.shape = shapeStamped
	r.stamp = time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second +
		time.Duration(milli)*time.Millisecond + time.Duration(micro)*time.Microsecond
	return r, ok
}

// readLevelled takes "L message", colours before the message.
func readLevelled(line []byte) (reading, bool) {
	if len(line) < 2 || bytes.IndexByte([]byte("IWEDT"), line[0]) < 0 || line[1] != ' ' {
		return reading{}, false
	}
	msg := bytes.TrimSuffix(skipColour(line[2:]), []byte("\x1b[0m"))
	return reading{shape: shapeLevelled, msg: message.Read(msg, false), text: msg}, true
}

// skipColour skips ANSI colour sequences at the start of b.
func skipColour(b []byte) []byte {
	for len(b) > 2 && b[0] == '\x1b' && b[1] == '[' {
		end := bytes.IndexByte(b[:min(len(b), 16)], 'm')
		if end < 0 || len(bytes.Trim(b[2:end], "0123456789;")) > 0 {
			return b
		}
		b = b[end+1:]
	}
	return b
}

// undressJSON takes the one form that llama-server writes. Anything else is
// not one of its lines, or not a message.
func undressJSON(line []byte) (time.Duration, []byte, bool) {
	s := linescan.Scanner{Rest: line}
	s.Text(`{"type":"log","time":`)
	micro := s.NumberTo(',')
	s.Text(`"level":"`)
	s.Word()
	s.Text(`","msg":"`)
	if s.Bad || micro > int64(message.MaxDuration/time.Microsecond) {
		return 0, nil, false
	}
	msg, ok := bytes.CutSuffix(s.Rest, []byte(`"}`))
	if !ok {
		return 0, nil, false
	}
	return time.Duration(micro) * time.Microsecond, bytes.TrimSuffix(msg, []byte(`\n`)), true
}

// mark returns the moment of a line.
func (r reading) mark(l requestlog.Line) slots.Mark {
	switch {
	case r.shape.stamped():
		return slots.Mark{Stamp: r.stamp, Spread: requestlog.SpreadUnknown}
	case r.shape.dated():
		second := time.Unix(0, int64(r.stamp))
		at, half := l.Written(second, second.Add(time.Second))
		return slots.Mark{Stamp: slots.NoStamp, Wall: at.Add(half).UnixNano(), Spread: 2 * half}
	case l.Arrival.IsZero():
		return slots.Mark{Stamp: slots.NoStamp, Spread: requestlog.SpreadUnknown}
	}
	return slots.Mark{Stamp: slots.NoStamp, Wall: l.Arrival.UnixNano(), Spread: l.Spread}
}
