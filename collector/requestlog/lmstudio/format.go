package lmstudio

import "github.com/sovmeter/sovmeter/collector/requestlog"

// FormatName is the format's name on the command line and in the config.
const FormatName = "lmstudio"

// Format returns the format, for requestlog.Choose.
func Format() requestlog.Format {
	return requestlog.Format{
		Name:   FormatName,
		Detect: Detect,
		Files:  Files,
		New:    func(opt requestlog.Options) requestlog.Parser { return New(opt) },
	}
}

// headShare is how many lines of a log there may be for one that begins an
// entry: a request's body alone can have hundreds.
const headShare = 400

// Detect returns how many of the sample's lines LM Studio can have written. A
// line that begins an entry is known by its shape; those after it belong to it,
// so that the lines of llama.cpp inside do not make the log llama.cpp's.
func Detect(sample [][]byte) int {
	heads, all := 0, 0
	for _, line := range sample {
		if _, ok := readHead(line); ok {
			heads++
		}
		if heads > 0 {
			all++
		}
	}
	if heads*headShare < len(sample) {
		return 0
	}
	return all
}
