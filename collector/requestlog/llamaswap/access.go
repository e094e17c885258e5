package llamaswap

import (
	"bytes"
	"strconv"
	"time"
)

// maxDuration bounds how long a request may have taken.
const maxDuration = 7 * 24 * time.Hour

// maxStamp is the longest stamp of llama-swap's formats, with room to spare.
const maxStamp = 48

// access is an access line.
type access struct {
	stamp  string // the time as it is written; empty: none
	method string
	path   []byte // valid as long as the line
	status int
	took   time.Duration
}

// readAccess reads a line. found is false for lines of another kind, ok for
// access lines that are cut off or hold what they should not.
func readAccess(line []byte) (a access, found, ok bool) {
	line = bytes.TrimRight(line, " \r")
	if rest, old := bytes.CutPrefix(line, []byte("[llama-swap] ")); old {
		return readOld(rest)
	}
	before, rest, found := bytes.Cut(line, []byte("[INFO] Request "))
	if !found || !stampLike(before) {
		return access{}, false, false
	}
	a.stamp = string(bytes.TrimSpace(before))
	addr, rest, ok := bytes.Cut(rest, []byte(` "`))
	if !ok || !addressLike(addr) {
		return access{}, true, false
	}
	return a.readRest(rest)
}

// readOld reads: ADDRESS [STAMP] "METHOD …
func readOld(rest []byte) (a access, found, ok bool) {
	addr, rest, ok := bytes.Cut(rest, []byte(" ["))
	if !ok || !addressLike(addr) {
		return access{}, false, false
	}
	stamp, rest, ok := bytes.Cut(rest, []byte(`] "`))
	if !ok || !stampLike(stamp) {
		return access{}, true, false
	}
	a.stamp = string(stamp)
	return a.readRest(rest)
}

// readRest reads: METHOD PATH PROTOCOL" STATUS SIZE "AGENT" DURATION
func (a access) readRest(rest []byte) (out access, found, ok bool) {
	method, rest, ok := bytes.Cut(rest, []byte(" "))
	if !ok || len(method) > 16 {
		return access{}, true, false
	}
	path, rest, ok := bytes.Cut(rest, []byte(" HTTP/"))
	if !ok || len(rest) < 5 || string(rest[3:5]) != `" ` { // 1.1, 2.0
		return access{}, true, false
	}
	status, rest, ok := bytes.Cut(rest[5:], []byte(" "))
	if !ok {
		return access{}, true, false
	}
	_, rest, ok = bytes.Cut(rest, []byte(` "`))
	if !ok {
		return access{}, true, false
	}
	_, took, ok := bytes.Cut(rest, []byte(`" `))
	if !ok {
		return access{}, true, false
	}
	var err error
	if a.status, err = strconv.Atoi(string(status)); err != nil || a.status < 0 || a.status > 999 {
		return access{}, true, false
	}
	if a.took, err = time.ParseDuration(string(took)); err != nil || a.took < 0 || a.took > maxDuration {
		return access{}, true, false
	}
	a.method, a.path = string(method), path
	return a, true, true
}

// stampLike is true for what a stamp of any of the formats may look like.
func stampLike(b []byte) bool {
	if len(b) > maxStamp {
		return false
	}
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		case c == ' ', c == ':', c == '.', c == ',', c == '-', c == '+', c == '_', c == '/':
		default:
			return false
		}
	}
	return true
}

// addressLike is true for an address. Behind other proxies it is what a client
// wrote into a header, so nothing else may stand there.
func addressLike(b []byte) bool {
	if len(b) == 0 || len(b) > 64 {
		return false
	}
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
		case c == '.', c == ':', c == '%', c == '-', c == '_', c == '[', c == ']':
		default:
			return false
		}
	}
	return true
}
