package requestlog

// maxModel is the longest model id that is kept, in bytes.
const maxModel = 128

// Model returns s when it can be a model id, and "" otherwise. A sentence of a
// prompt cannot: ids have no spaces, quotes or control characters.
func Model(s string) string {
	if len(s) > maxModel {
		return ""
	}
	for i := range len(s) {
		if !isIDByte(s[i]) {
			return ""
		}
	}
	return s
}

func isIDByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	case c == '.', c == '_', c == '-', c == ':', c == '/', c == '@', c == '+', c == '=', c == '#':
		return true
	}
	return false
}
