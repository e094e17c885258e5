package llamacpp

import (
	"bytes"
	"time"
)

// shape is how a run of the server dresses its messages.
type shape uint8

const (
	shapeUnknown shape = iota
	shapePlain         // no prefix
	shapeStamped       // stamp and level, with or without colours
	shapeJSON          // one JSON object a line
)

// maxStamp bounds stamps: a process that has run for 30 years is a forgery.
const maxStamp = 30 * 365 * 24 * time.Hour

// undress splits a line into its stamp and message. It is false for lines that
// no shape fits.
func undress(line []byte) (shape, time.Duration, []byte, bool) {
	if len(line) == 0 {
		return shapeUnknown, 0, nil, false
	}
	switch c := line[0]; {
	case c == '{':
		stamp, msg, ok := undressJSON(line)
		return shapeJSON, stamp, msg, ok
	case c >= '0' && c <= '9' || c == '\x1b':
		stamp, msg, ok := undressStamped(line)
		return shapeStamped, stamp, msg, ok
	case c == 's':
		return shapePlain, 0, line, true
	}
	return shapeUnknown, 0, nil, false
}

// undressStamped takes "M.SS.mmm.uuu L message", colours anywhere between.
func undressStamped(line []byte) (time.Duration, []byte, bool) {
	s := scanner{rest: skipColour(line)}
	minutes, seconds := s.number('.'), s.number('.')
	milli, micro := s.digits(3, '.'), s.digits(3, 0)
	s.rest = skipColour(s.rest)
	s.byte(' ')
	s.rest = skipColour(s.rest)
	if s.bad || len(s.rest) == 0 || bytes.IndexByte([]byte("IWEDT"), s.rest[0]) < 0 {
		return 0, nil, false
	}
	s.rest = s.rest[1:]
	s.byte(' ')
	stamp := time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second +
		time.Duration(milli)*time.Millisecond + time.Duration(micro)*time.Microsecond
	if s.bad || seconds > 59 || minutes > int64(maxStamp/time.Minute) {
		return 0, nil, false
	}
	return stamp, bytes.TrimSuffix(skipColour(s.rest), []byte("\x1b[0m")), true
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
	s := scanner{rest: line}
	s.text(`{"type":"log","time":`)
	micro := s.number(',')
	s.text(`"level":"`)
	s.word()
	s.text(`","msg":"`)
	if s.bad || micro > int64(maxStamp/time.Microsecond) {
		return 0, nil, false
	}
	msg, ok := bytes.CutSuffix(s.rest, []byte(`"}`))
	if !ok {
		return 0, nil, false
	}
	return time.Duration(micro) * time.Microsecond, bytes.TrimSuffix(msg, []byte(`\n`)), true
}
