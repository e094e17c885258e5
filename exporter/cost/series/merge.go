package series

import "fmt"

// Merge returns what the two say together. Where both speak, the newer holds;
// a point of the older that the newer covers in part is cut. It is ErrTooMany
// when the result has more than MaxPoints points.
func Merge(older, newer Series) (Series, error) {
	m := merger{newer: newer.points, out: make([]Point, 0, len(older.points)+len(newer.points))}
	for _, p := range older.points {
		m.older(p)
	}
	m.out = append(m.out, m.newer...)
	if len(m.out) > MaxPoints {
		return Series{}, fmt.Errorf("%d points, %d are allowed: %w", len(m.out), MaxPoints, ErrTooMany)
	}
	return Series{m.out}, nil
}

type merger struct {
	newer []Point // those that are not yet in out
	out   []Point
}

// older puts what the newer points leave of p into out, and with it every newer
// point that ends before p does.
func (m *merger) older(p Point) {
	if last := len(m.out) - 1; last >= 0 && p.Start.Before(m.out[last].End) {
		p.Start = m.out[last].End // the newer point before reached into p
	}
	for len(m.newer) > 0 && m.newer[0].Start.Before(p.End) && p.Start.Before(p.End) {
		n := m.newer[0]
		m.newer = m.newer[1:]
		if p.Start.Before(n.Start) {
			m.out = append(m.out, Point{p.Start, n.Start, p.Value})
		}
		m.out = append(m.out, n)
		if p.Start.Before(n.End) {
			p.Start = n.End
		}
	}
	if p.Start.Before(p.End) {
		m.out = append(m.out, p)
	}
}
