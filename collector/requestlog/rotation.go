package requestlog

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// rotation is what the name of a rotated log tells.
type rotation struct {
	family   string // what the names of one way to number have in common
	number   int    // meaningless unless numbered
	numbered bool   // with a small number; a date otherwise
	packed   bool   // compressed: cannot be read
}

// packers are the extensions of compressed files.
func packers() []string { return []string{".gz", ".bz2", ".xz", ".zst", ".lz4", ".Z"} }

// parseRotation reads the name of a rotation of log: the log's with a number or
// a date before or after its extension, such as server.log.0, server-1.log,
// server.log-20261124 or server.2026-11-24.log.gz. A number of four or five
// digits is none: people name the logs of several servers after their ports.
func parseRotation(log, name string) (rotation, bool) {
	var r rotation
	if ext := filepath.Ext(name); slices.Contains(packers(), ext) {
		name, r.packed = strings.TrimSuffix(name, ext), true
	}
	serial, ok := strings.CutPrefix(name, log)
	if !ok {
		ext := filepath.Ext(log)
		serial, ok = strings.CutPrefix(name, strings.TrimSuffix(log, ext))
		if !ok || ext == "" || !strings.HasSuffix(serial, ext) {
			return rotation{}, false
		}
		serial = strings.TrimSuffix(serial, ext)
		r.family = ext
	}
	if serial == "" || !strings.ContainsAny(serial[:1], ".-_") || strings.Trim(serial, "0123456789._-TZ") != "" {
		return rotation{}, false
	}
	r.family = serial[:1] + r.family
	if n, err := strconv.Atoi(serial[1:]); err == nil && n >= 0 && len(serial) <= 4 {
		r.number, r.numbered = n, true
		return r, true
	}
	return r, countDigits(serial) >= 6
}

func countDigits(s string) (n int) {
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// sameFamily is true for two numbers given in the same way.
func (r rotation) sameFamily(o rotation) bool {
	return r.numbered && o.numbered && r.family == o.family
}
