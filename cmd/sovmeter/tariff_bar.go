package main

import (
	"math"
	"strings"
)

// barScale draws bars over a line of cells, from the zero that all share.
type barScale struct {
	low, high float64 // low is 0 or less, high 0 or more
	cells     int
	ascii     bool
}

// draw returns a bar for v of exactly so many cells.
func (s barScale) draw(v float64) string {
	if s.high <= s.low || s.cells < 2 {
		return strings.Repeat(" ", max(0, s.cells))
	}
	negative, positive := s.split()
	if v < 0 {
		return s.left(v/s.low, negative) + s.axis() + strings.Repeat(" ", positive)
	}
	axis := ""
	if negative > 0 {
		axis = s.axis()
	}
	return strings.Repeat(" ", negative) + axis + s.right(v/max(s.high, math.SmallestNonzeroFloat64), positive)
}

// split is how many cells are left and right of the zero. The axis takes one
// more when there is anything on the left.
func (s barScale) split() (negative, positive int) {
	if s.low == 0 {
		return 0, s.cells
	}
	negative = int(math.Round(float64(s.cells-1) * -s.low / (s.high - s.low)))
	negative = min(max(negative, 1), s.cells-1)
	return negative, s.cells - 1 - negative
}

func (s barScale) axis() string {
	if s.ascii {
		return "|"
	}
	return "│"
}

// right draws ratio, 0 to 1, of cells from the left on. What is not nothing
// shows.
func (s barScale) right(ratio float64, cells int) string {
	parts := []rune("▏▎▍▌▋▊▉█")
	if s.ascii {
		parts = []rune("#")
	}
	n := fill(ratio, cells*len(parts))
	bar := strings.Repeat(string(parts[len(parts)-1]), n/len(parts))
	used := n / len(parts)
	if rest := n % len(parts); rest > 0 {
		bar += string(parts[rest-1])
		used++
	}
	return bar + strings.Repeat(" ", cells-used)
}

// left draws ratio of cells from the right on: there are only whole and half
// blocks for that.
func (s barScale) left(ratio float64, cells int) string {
	full, half := "█", "▐"
	steps := 2
	if s.ascii {
		full, half, steps = "#", "", 1
	}
	n := fill(ratio, cells*steps)
	bar := strings.Repeat(full, n/steps)
	used := n / steps
	if n%steps > 0 {
		bar = half + bar
		used++
	}
	return strings.Repeat(" ", cells-used) + bar
}

// fill is how many of so many parts a ratio takes; one at least, if any.
func fill(ratio float64, parts int) int {
	n := int(ratio*float64(parts) + 0.5)
	if ratio > 0 {
		n = max(n, 1)
	}
	return min(max(n, 0), parts)
}
