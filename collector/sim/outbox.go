package sim

import (
	"container/heap"
	"fmt"
	"io"
	"math/rand/v2"
	"time"
)

// outbox brings the lines of one log to their reader, at once or late. One
// Write is one line.
type outbox struct {
	w       io.Writer
	before  func(time.Duration) // is told the time of each line before it is written
	delay   Dist                // seconds; the zero Dist is at once
	ordered bool                // lines never overtake each other
	rng     *rand.Rand
	last    time.Duration // when the last line put in comes out
	made    int           // lines put in so far
	late    lines
	buf     []byte // the line to be put
	err     error
}

// put takes the line in buf, which was written at a time.
func (o *outbox) put(at time.Duration) {
	if o.delay == (Dist{}) {
		o.write(at, o.buf)
		return
	}
	at += time.Duration(o.delay.draw(o.rng) * float64(time.Second))
	if o.ordered {
		at = max(at, o.last)
	}
	o.last = at
	o.made++
	heap.Push(&o.late, lateLine{at: at, number: o.made, text: string(o.buf)})
}

// next is when the next late line comes out.
func (o *outbox) next() time.Duration {
	if len(o.late) == 0 {
		return never
	}
	return o.late[0].at
}

// deliver writes the line that is due.
func (o *outbox) deliver(now time.Duration) {
	o.write(now, []byte(heap.Pop(&o.late).(lateLine).text))
}

// shift delays all late lines by a sleep of d.
func (o *outbox) shift(d time.Duration) {
	for i := range o.late {
		o.late[i].at += d
	}
	o.last += d
}

// write hands a line over.
func (o *outbox) write(at time.Duration, line []byte) {
	o.before(at)
	if o.err != nil {
		return
	}
	if _, err := o.w.Write(line); err != nil {
		o.err = fmt.Errorf("write log line: %w", err)
	}
}

// lateLine is a line on its way.
type lateLine struct {
	at     time.Duration
	number int
	text   string
}

// lines is a heap by time, then by age.
type lines []lateLine

func (a lines) Len() int { return len(a) }
func (a lines) Less(i, j int) bool {
	if a[i].at != a[j].at {
		return a[i].at < a[j].at
	}
	return a[i].number < a[j].number
}
func (a lines) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *lines) Push(x any)   { *a = append(*a, x.(lateLine)) }
func (a *lines) Pop() any {
	last := len(*a) - 1
	x := (*a)[last]
	*a = (*a)[:last]
	return x
}
