package report

import (
	"cmp"
	"strings"
)

// wrapWords breaks prose at spaces into lines of at most limit cells, but not
// between a number and its unit. A word longer than that is broken like a name.
func wrapWords(prose string, limit int) []string {
	var lines []string
	line := ""
	for _, word := range wordsOf(prose) {
		if line != "" && width(line)+1+width(word) <= limit {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		parts := wrapName(word, limit)
		lines = append(lines, parts[:len(parts)-1]...)
		line = parts[len(parts)-1]
	}
	return append(lines, line)
}

// wordsOf are the words of prose; a number and its unit are one.
func wordsOf(prose string) []string {
	var words []string
	for _, word := range strings.Fields(prose) {
		if n := len(words); n > 0 && isNumber(words[n-1]) && isUnit(word) {
			words[n-1] += " " + word
			continue
		}
		words = append(words, word)
	}
	return words
}

// isNumber tells whether a word ends as figures do: 1,400 and (0.4 and 12.17+, or
// stands for one.
func isNumber(word string) bool {
	if word == "±" || word == "+/-" {
		return true
	}
	word = strings.TrimSuffix(word, "+")
	return word != "" && word[len(word)-1] >= '0' && word[len(word)-1] <= '9' && !strings.Contains(word, " ")
}

// isUnit tells whether a word is a unit or a currency.
func isUnit(word string) bool {
	word = strings.TrimRight(word, ".,;:)")
	switch word {
	case "%", "J", "Wh", "W", "g", "s", "min", "h", "d":
		return true
	}
	return len(word) == 3 && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// wrapName breaks a model's name into lines of at most limit cells, after a
// separator such as - or / where one is near enough. Nothing is left out.
func wrapName(name string, limit int) []string {
	var lines []string
	for limit > 0 && width(name) > limit {
		cut := breakPoint(name, limit)
		lines = append(lines, strings.TrimRight(name[:cut], " "))
		name = strings.TrimLeft(name[cut:], " ")
	}
	return append(lines, name)
}

// breakPoint is the byte index to break at: after the last separator beyond
// the first third of the line, else where the line is full. Dots are no place to
// break, as they stand in version numbers; underscores are a poor one.
func breakPoint(name string, limit int) int {
	full, good, poor, used := 0, 0, 0, 0
	for i, r := range name {
		used += width(string(r))
		if used > limit && i > 0 {
			break
		}
		full = i + len(string(r))
		switch {
		case used*3 <= limit:
		case strings.ContainsRune("-/:@ ", r):
			good = full
		case r == '_':
			poor = full
		}
	}
	return cmp.Or(good, poor, full)
}

// layOut sets labels and texts as two columns, the second wrapped with a hanging indent.
func layOut(entries []Line, total int, label func(string) string) []string {
	column := 0
	for _, e := range entries {
		column = max(column, width(e.Label))
	}
	var lines []string
	for _, e := range entries {
		head := label(padRight(e.Label, column))
		for _, part := range wrapWords(e.Text, total-column-2) {
			lines = append(lines, strings.TrimRight(head+"  "+part, " "))
			head = strings.Repeat(" ", column)
		}
	}
	return lines
}
