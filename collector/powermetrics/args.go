package powermetrics

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// arguments is what the tool is started with: less of it after each refusal.
// Only long options are used, because -o and -u changed places between versions.
type arguments struct {
	samplers []string
	options  []option
}

type option struct {
	names []string // the name, and older names for the same
	value string   // empty for a switch
	// needed is true when the stream is of no use without the option.
	needed bool
}

func newArguments(interval time.Duration, extra []string) *arguments {
	a := &arguments{
		samplers: []string{"cpu_power", "gpu_power", "ane_power", "thermal"},
		options: []option{
			// macOS 11 calls it --sample-interval.
			{names: []string{"sample-rate", "sample-interval"}, value: strconv.FormatInt(interval.Milliseconds(), 10), needed: true},
			{names: []string{"format"}, value: "plist", needed: true},
			{names: []string{"buffer-size"}, value: "0"},
			{names: []string{"poweravg"}, value: "0"},
			{names: []string{"handle-invalid-values"}},
		},
	}
	for _, s := range extra {
		if s != "" && !slices.Contains(a.samplers, s) {
			a.samplers = append(a.samplers, s)
		}
	}
	return a
}

// list is the command line, without the executable.
func (a *arguments) list() []string {
	out := []string{"--samplers", strings.Join(a.samplers, ",")}
	for _, o := range a.options {
		out = append(out, "--"+o.names[0])
		if o.value != "" {
			out = append(out, o.value)
		}
	}
	return out
}

// drop removes what the tool refused. It is false when that is not among the
// arguments, or cannot be done without.
func (a *arguments) drop(refused string) bool {
	if i := slices.Index(a.samplers, refused); i >= 0 && len(a.samplers) > 1 {
		a.samplers = slices.Delete(a.samplers, i, i+1)
		return true
	}
	for i := range a.options {
		o := &a.options[i]
		if o.names[0] != refused {
			continue
		}
		if len(o.names) > 1 {
			o.names = o.names[1:]
			return true
		}
		if o.needed {
			return false
		}
		a.options = slices.Delete(a.options, i, i+1)
		return true
	}
	return false
}

// refusal finds which sampler or option a line of the tool refuses. The words
// differ between getopt libraries: unrecognized option `--x', illegal option
// -- x, invalid option -- 'x'.
func refusal(line string) (name string, ok bool) {
	lower := strings.ToLower(line)
	refuses := false
	for _, word := range [...]string{"unrecognized", "unrecognised", "invalid", "illegal", "unknown"} {
		refuses = refuses || strings.Contains(lower, word+" sampler") || strings.Contains(lower, word+" option")
	}
	if !refuses {
		return "", false
	}
	_, rest, found := strings.Cut(lower, " sampler")
	if !found {
		_, rest, _ = strings.Cut(lower, " option")
	}
	rest = strings.TrimLeft(rest, " -:`'\"")
	end := strings.IndexFunc(rest, func(r rune) bool {
		return r != '_' && r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	if end >= 0 {
		rest = rest[:end]
	}
	return rest, rest != ""
}
