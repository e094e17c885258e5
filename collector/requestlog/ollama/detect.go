package ollama

import (
	"bytes"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
)

// FormatName is the format's name on the command line and in the config.
const FormatName = "ollama"

// Format returns the format, for requestlog.Choose.
func Format() requestlog.Format {
	return requestlog.Format{
		Name:   FormatName,
		Detect: Detect,
		New:    func(opt requestlog.Options) requestlog.Parser { return New(opt) },
	}
}

// Detect returns how many of the sample's lines Ollama can have written. The
// lines of the llama-server below it count only beside at least one of its own,
// and then it has more lines than the llamacpp format sees in them.
func Detect(sample [][]byte) int {
	own := 0
	for _, line := range sample {
		if ownLine(line) {
			own++
		}
	}
	if own == 0 {
		return 0
	}
	return own + llamacpp.Detect(sample)
}

// ownLine is true for the lines that Ollama itself writes.
func ownLine(line []byte) bool {
	if bytes.HasPrefix(line, []byte("[GIN-debug] ")) || bytes.HasPrefix(line, []byte(ginMark)) {
		return true
	}
	s, ok := readSlog(line)
	return ok && s.source == fromOllama
}
