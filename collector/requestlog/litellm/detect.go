package litellm

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/requestlog"
)

// FormatName is the format's name on the command line and in the config.
const FormatName = "litellm"

// Format returns the format, for requestlog.Choose.
func Format() requestlog.Format {
	return requestlog.Format{
		Name:   FormatName,
		Detect: Detect,
		New:    func(opt requestlog.Options) requestlog.Parser { return New(opt) },
	}
}

// Detect returns how many of the sample's lines are of this format: payloads on
// one line, and the telling lines of printed ones.
func Detect(sample [][]byte) int {
	p, n := New(requestlog.Options{}), 0
	for _, line := range sample {
		line = bytes.TrimRight(line, " \t\r")
		switch {
		case len(line) > 1 && line[0] == '{':
			var pl payload
			if p.readLine(line, &pl) && pl.complete() {
				n++
			}
		case bytes.HasPrefix(line, []byte(`    "call_type": "`)), bytes.HasPrefix(line, []byte(`    "completionStartTime": `)):
			n++
		}
	}
	return n
}
