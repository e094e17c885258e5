package llamacpp

import (
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/message"
)

// FormatName is the format's name on the command line and in the config.
const FormatName = "llamacpp"

// Format returns the format, for requestlog.Choose.
func Format() requestlog.Format {
	return requestlog.Format{
		Name:   FormatName,
		Detect: Detect,
		New:    func(opt requestlog.Options) requestlog.Parser { return New(opt) },
	}
}

// Detect returns how many of the sample's lines llama-server can have written.
// A log of Ollama has such lines too, from the llama-server it runs.
func Detect(sample [][]byte) int {
	n := 0
	for _, line := range sample {
		if _, rest, ok := cutPort(line); ok {
			line = rest
		}
		r, ok := read(line)
		if ok && (r.shape.stamped() || r.msg.Kind > message.Broken) {
			n++
		}
	}
	return n
}
