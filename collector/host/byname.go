package host

import (
	"slices"
	"strings"
	"unicode"
)

// MatchesName reports whether a process is the server's when nothing but its
// name is known, as in a recording: by the same rules as for a process that
// runs, but paths count by their last element, and the script that an
// interpreter runs is not known.
func (s Server) MatchesName(name string) bool {
	return slices.ContainsFunc(s.Processes, func(want string) bool {
		want = want[strings.LastIndexByte(want, '/')+1:]
		return want != "" && nameMatches(want, name, Executable{})
	})
}

// MatchesGroup reports whether a launchd label or a bundle identifier is named
// after the server: one of its parts is the name of an executable, but for
// case, blanks and signs. So com.electron.ollama is ollama's, and
// ai.elementlabs.lmstudio is LM Studio's.
func (s Server) MatchesGroup(label string) bool {
	for part := range strings.SplitSeq(label, ".") {
		part = lettersOf(part)
		if part != "" && slices.ContainsFunc(s.Processes, func(want string) bool { return lettersOf(want) == part }) {
			return true
		}
	}
	return false
}

// lettersOf keeps the letters and digits of a name, in lower case.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name[strings.LastIndexByte(name, '/')+1:])
}
