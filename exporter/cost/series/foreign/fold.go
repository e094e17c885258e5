package foreign

import (
	"fmt"
	"time"

	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/store"
)

// slot is the length of a slot in seconds.
const slot = int64(store.SlotLength / time.Second)

// longestCrooked is how long a figure may hold, in seconds, that is not on
// 15-minute marks. No service has one beyond an hour.
const longestCrooked = 24 * 3600

// fold makes points of spans, which are disjoint and in order. Spans on the marks
// of step seconds are taken as they are; shorter and crooked ones are averaged over
// each step by the time that they hold. A step of which a part is not known is not
// known: incomplete counts those.
func fold(spans []span, f factor, step int64) (points []series.Point, incomplete int, err error) {
	points = make([]series.Point, 0, len(spans))
	m := mixer{factor: f, step: step}
	for _, s := range spans {
		if s.start%step == 0 && s.end%step == 0 {
			v, err := f.value(s.amount)
			if err != nil {
				return nil, 0, s.at(err)
			}
			points = append(points, series.Point{Start: at(s.start), End: at(s.end), Value: v})
			continue
		}
		if s.end-s.start > longestCrooked {
			return nil, 0, s.at(fmt.Errorf("from %s to %s: not on 15-minute marks: %w", show(s.start), show(s.end), series.ErrPoint))
		}
		for from := s.start; from < s.end; {
			begin := from - from%step
			to := min(s.end, begin+step)
			if begin != m.begin {
				incomplete += m.flush()
				m.begin = begin
			}
			m.parts, m.seconds = append(m.parts, s.amount), append(m.seconds, to-from)
			m.known += to - from
			if m.known == step {
				p, err := m.point()
				if err != nil {
					return nil, 0, s.at(err)
				}
				points = append(points, p)
			}
			from = to
		}
	}
	return points, incomplete + m.flush(), nil
}

func at(second int64) time.Time { return time.Unix(second, 0).UTC() }

// mixer gathers the parts of one step.
type mixer struct {
	factor  factor
	step    int64 // its length
	begin   int64
	parts   []decimal
	seconds []int64 // that each part holds
	known   int64   // their sum
}

// point is the step's mean; the mixer is empty then.
func (m *mixer) point() (series.Point, error) {
	v, err := m.factor.mean(m.parts, m.seconds)
	m.parts, m.seconds, m.known = m.parts[:0], m.seconds[:0], 0
	return series.Point{Start: at(m.begin), End: at(m.begin + m.step), Value: v}, err
}

// flush drops an unfinished step and says how many that were.
func (m *mixer) flush() int {
	if m.known == 0 {
		return 0
	}
	m.parts, m.seconds, m.known = m.parts[:0], m.seconds[:0], 0
	return 1
}
