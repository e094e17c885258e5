package foreign

import (
	"fmt"
	"strings"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
)

// stamp is a time as a file has it: unix seconds or, when the file does not say
// the zone, what the clock on the wall shows, counted as if that were UTC.
type stamp struct {
	seconds int64
	wall    bool
}

// clockNames are the names of zones that files write beside a time, in seconds
// east of UTC.
func clockNames(name string) (east int64, ok bool) {
	switch name {
	case "UTC", "GMT", "WET", "Z":
		return 0, true
	case "CET", "BST", "WEST":
		return 3600, true
	case "CEST", "EET":
		return 7200, true
	case "EEST":
		return 10800, true
	}
	return 0, false
}

// parseStamp reads "2026-03-01T00:15:00.000+01:00" and its like, with a space
// for the T, without seconds, offset or both, "01/03/2026 00:15:00",
// "01.03.2026 00:15", and the same with a zone's name, as in "(CEST)".
func parseStamp(text string) (stamp, error) {
	p := stampParser{rest: strings.TrimSpace(text)}
	day := p.date()
	p.skip(" T")
	day += p.clock()
	east, zoned := p.zone()
	if p.failed || p.rest != "" {
		return stamp{}, fmt.Errorf("got %q, want a time such as 2026-03-01T00:15:00Z: %w", shown(text), ErrFormat)
	}
	return stamp{day - east, !zoned}, nil
}

type stampParser struct {
	rest   string
	failed bool
}

// date reads a day and returns its begin.
func (p *stampParser) date() int64 {
	var year, month, day int64
	if len(p.rest) > 4 && p.rest[4] == '-' {
		year, month, day = p.number(4), p.after('-'), p.after('-')
	} else {
		day = p.number(2)
		sep := byte('/')
		if p.rest != "" && p.rest[0] == '.' {
			sep = '.'
		}
		month = p.after(sep)
		if p.skip(string(sep)) {
			year = p.number(4)
		} else {
			p.failed = true
		}
	}
	t := time.Date(int(year), time.Month(month), int(day), 0, 0, 0, 0, time.UTC)
	p.failed = p.failed || t.Day() != int(day) || t.Month() != time.Month(month)
	return t.Unix()
}

// clock reads hours and minutes, and seconds if there are any.
func (p *stampParser) clock() int64 {
	hours, minutes, seconds := p.number(2), p.after(':'), int64(0)
	if strings.HasPrefix(p.rest, ":") {
		seconds = p.after(':')
	}
	if p.skip(".") { // fractions are those of a second, which no price has
		p.rest = strings.TrimLeft(p.rest, "0123456789")
	}
	p.failed = p.failed || hours > 24 || minutes > 59 || seconds > 59
	return hours*3600 + minutes*60 + seconds
}

// zone reads an offset or a zone's name.
func (p *stampParser) zone() (east int64, ok bool) {
	name := strings.Trim(p.rest, " ()")
	if name == "" {
		p.rest = ""
		return 0, false
	}
	if east, ok = clockNames(name); ok {
		p.rest = ""
		return east, true
	}
	sign := int64(1)
	if name[0] == '-' {
		sign = -1
	}
	p.rest = name
	if !p.skip("+-") {
		p.failed = true
		return 0, false
	}
	east = p.number(2) * 3600
	p.skip(":")
	if p.rest != "" {
		east += p.number(2) * 60
	}
	return sign * east, true
}

// after reads the two digits that follow sep.
func (p *stampParser) after(sep byte) int64 {
	if !p.skip(string(sep)) {
		p.failed = true
	}
	return p.number(2)
}

func (p *stampParser) number(digits int) int64 {
	if len(p.rest) < digits {
		p.failed = true
		return 0
	}
	n := int64(0)
	for i := range digits {
		c := p.rest[i]
		if c < '0' || c > '9' {
			p.failed = true
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	p.rest = p.rest[digits:]
	return n
}

// skip goes past the next letter if it is one of some.
func (p *stampParser) skip(one string) bool {
	if p.rest == "" || !strings.Contains(one, p.rest[:1]) {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

// parseUnix reads whole units since 1970, perSecond of them a second.
func parseUnix(text string, perSecond int64) (stamp, error) {
	d, err := parseDecimal(text)
	if err != nil {
		return stamp{}, err
	}
	v, err := factor{1, -9}.value(d)
	if err != nil || v%series.Value(perSecond) != 0 {
		return stamp{}, fmt.Errorf("got %q, want whole seconds since 1970: %w", shown(text), ErrFormat)
	}
	return stamp{seconds: int64(v) / perSecond}, nil
}
