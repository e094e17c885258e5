package powermetrics

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxNames      = 8192 // process names come and go; past this many we forget all
	maxNameLength = 1024 // longer ones are cut: no name on macOS is
)

// names holds one copy of every string seen, so that a stream at 1 Hz does not
// allocate the same hundred names every second.
type names struct{ seen map[string]string }

// get decodes the text of a <string>.
func (n *names) get(raw []byte) string {
	if len(raw) > maxNameLength {
		raw = raw[:maxNameLength]
	}
	if s, ok := n.seen[string(raw)]; ok {
		return s
	}
	if n.seen == nil || len(n.seen) >= maxNames {
		n.seen = make(map[string]string)
	}
	key := string(raw)
	n.seen[key] = decodeText(key)
	return n.seen[key]
}

// decodeText resolves the references of XML. Names reach the tool unescaped at
// times and may be cut inside a character, so an ampersand that starts no
// reference stands for itself and broken UTF-8 becomes U+FFFD.
func decodeText(s string) string {
	if strings.IndexByte(s, '&') >= 0 {
		s = unescape(s)
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}

func unescape(s string) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:i])
		r, length := reference(s[i:])
		out.WriteRune(r)
		s = s[i+length:]
	}
}

// reference reads the reference that s begins with; an ampersand alone when
// there is none.
func reference(s string) (r rune, length int) {
	const longest = len("&#x10ffff;")
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 0 {
		return '&', 1
	}
	switch name := s[1:end]; name {
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	default:
		if code, ok := codePoint(name); ok {
			return code, end + 1
		}
	}
	return '&', 1
}

func codePoint(name string) (rune, bool) {
	digits, isNumber := strings.CutPrefix(name, "#")
	if !isNumber {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
