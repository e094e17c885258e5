package llamaswap

import "github.com/sovmeter/sovmeter/collector/requestlog"

// FormatName is the format's name on the command line and in the config.
const FormatName = "llamaswap"

// Format returns the format, for requestlog.Choose.
func Format() requestlog.Format {
	return requestlog.Format{
		Name:   FormatName,
		Detect: Detect,
		New:    func(opt requestlog.Options) requestlog.Parser { return New(opt) },
	}
}

// Detect returns how many of the sample's lines are access lines of llama-swap.
func Detect(sample [][]byte) int {
	n := 0
	for _, line := range sample {
		a, found, ok := readAccess(line)
		if !found || !ok {
			continue
		}
		if _, ok := stampOf(a.stamp, nil); ok {
			n++
		}
	}
	return n
}
