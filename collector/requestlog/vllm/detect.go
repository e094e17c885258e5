package vllm

import "github.com/sovmeter/sovmeter/collector/requestlog"

// FormatName is the format's name on the command line and in the config.
const FormatName = "vllm"

// Format returns the format, for requestlog.Choose.
func Format() requestlog.Format {
	return requestlog.Format{
		Name:   FormatName,
		Detect: Detect,
		New:    func(opt requestlog.Options) requestlog.Parser { return New(opt) },
	}
}

// Detect returns how many of the sample's lines vLLM can have written.
func Detect(sample [][]byte) int {
	n := 0
	for _, line := range sample {
		d, ok := undress(line)
		if ok && (d.at.ok || d.read().kind != none) {
			n++
		}
	}
	return n
}
