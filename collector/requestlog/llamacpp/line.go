package llamacpp

import (
	"bytes"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
)

// shape is how a run of the server dresses its messages.
type shape uint8

const (
	shapeUnknown shape = iota
	shapePlain         // no prefix
	shapeStamped       // stamp and level, with or without colours
	shapeJSON          // one JSON object a line
)

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
	s := message.Scanner{Rest: skipColour(line)}
	minutes, seconds := s.Number('.'), s.Number('.')
	milli, micro := s.Digits(3, '.'), s.Digits(3, 0)
	s.Rest = skipColour(s.Rest)
	s.Byte(' ')
	s.Rest = skipColour(s.Rest)
	if s.Bad || len(s.Rest) == 0 || bytes.IndexByte([]byte("IWEDT"), s.Rest[0]) < 0 {
		return 0, nil, false
	}
	s.Rest = s.Rest[1:]
	s.Byte(' ')
	stamp := time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second +
		time.Duration(milli)*time.Millisecond + time.Duration(micro)*time.Microsecond
	if s.Bad || seconds > 59 || minutes > int64(message.MaxDuration/time.Minute) {
		return 0, nil, false
	}
	return stamp, bytes.TrimSuffix(skipColour(s.Rest), []byte("\x1b[0m")), true
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
	s := message.Scanner{Rest: line}
	s.Text(`{"type":"log","time":`)
	micro := s.Number(',')
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
