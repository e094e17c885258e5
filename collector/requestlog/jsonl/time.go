package jsonl

// hasTimeShape is true for a text of the shape of an RFC 3339 time, with the
// capitals T and Z. Package time alone is lenient: it takes hours of one digit,
// a comma before the fraction, and offsets of more than a day.
func hasTimeShape(text []byte) bool {
	const shape = "0000-00-00T00:00:00"
	if len(text) <= len(shape) || !matches(text[:len(shape)], shape) {
		return false
	}
	zone := text[len(shape):]
	if zone[0] == '.' {
		n := 1
		for n < len(zone) && zone[n] >= '0' && zone[n] <= '9' {
			n++
		}
		if n == 1 {
			return false
		}
		zone = zone[n:]
	}
	switch {
	case string(zone) == "Z":
		return true
	case !matches(zone, "+00:00") && !matches(zone, "-00:00"):
		return false
	}
	return string(zone[1:3]) < "24" && string(zone[4:]) < "60"
}

// matches is true for a text like the shape, in which 0 stands for any digit.
func matches(text []byte, shape string) bool {
	if len(text) != len(shape) {
		return false
	}
	for i, c := range text {
		digit := shape[i] == '0' && c >= '0' && c <= '9'
		if !digit && c != shape[i] {
			return false
		}
	}
	return true
}
