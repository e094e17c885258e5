package series

import (
	"math/big"
	"time"
)

// Summary is a series in a few figures.
type Summary struct {
	Lowest, Highest Point // the first of each
	Mean            Value // by the time that the points hold, rounded half to even
	Known           time.Duration
	Holes           int
	Unknown         time.Duration // in holes, between the first point and the last
}

// Summary sums the series up; false when it is empty.
func (s Series) Summary() (Summary, bool) {
	if len(s.points) == 0 {
		return Summary{}, false
	}
	out := Summary{Lowest: s.points[0], Highest: s.points[0]}
	sum, part := new(big.Int), new(big.Int)
	for _, p := range s.points {
		if p.Value < out.Lowest.Value {
			out.Lowest = p
		}
		if p.Value > out.Highest.Value {
			out.Highest = p
		}
		seconds := int64(p.End.Sub(p.Start) / time.Second)
		out.Known += p.End.Sub(p.Start)
		sum.Add(sum, part.Mul(big.NewInt(int64(p.Value)), big.NewInt(seconds)))
	}
	for start, end := range s.Holes() {
		out.Holes++
		out.Unknown += end.Sub(start)
	}
	out.Mean = divide(sum, big.NewInt(int64(out.Known/time.Second)))
	return out, true
}

// divide rounds half to even. The mean of values always fits.
func divide(sum, by *big.Int) Value {
	quotient, rest := new(big.Int).QuoRem(sum, by, new(big.Int))
	half := rest.Abs(rest).Lsh(rest, 1).Cmp(by)
	if half > 0 || half == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(int64(sum.Sign())))
	}
	return Value(quotient.Int64())
}

// Change is how one series differs from another, in points of the newer.
type Change struct {
	New     int // said nothing of before, or not of all of their time
	Changed int // said otherwise before, for a part of their time at least
	Same    int
}

// Compare says what newer brings that older does not have.
func Compare(older, newer Series) Change {
	var c Change
	i := 0
	for _, p := range newer.points {
		for i < len(older.points) && !older.points[i].End.After(p.Start) {
			i++
		}
		known, same := p.Start, true
		for j := i; j < len(older.points) && older.points[j].Start.Before(p.End); j++ {
			o := older.points[j]
			same = same && o.Value == p.Value
			if !o.Start.After(known) {
				known = o.End
			}
		}
		switch {
		case !same:
			c.Changed++
		case known.Before(p.End):
			c.New++
		default:
			c.Same++
		}
	}
	return c
}
