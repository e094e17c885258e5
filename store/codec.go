package store

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// valueVersion begins every value. A reader refuses versions it does not know;
// a changed encoding takes the next number and keeps the reader of the old.
const valueVersion = 1

// encoder appends fields to a new value. Values are never reused: bbolt keeps
// the slice that Put was given until the transaction commits.
type encoder struct{ b []byte }

func newEncoder(size int) *encoder { return newEncoderOf(valueVersion, size) }

// newEncoderOf begins a value whose encoding has changed since version 1.
func newEncoderOf(version byte, size int) *encoder {
	return &encoder{b: append(make([]byte, 0, size), version)}
}

func (e *encoder) byte(v byte)      { e.b = append(e.b, v) }
func (e *encoder) uint16(v uint16)  { e.b = binary.LittleEndian.AppendUint16(e.b, v) }
func (e *encoder) uvarint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }
func (e *encoder) varint(v int64)   { e.b = binary.AppendVarint(e.b, v) }

func (e *encoder) float(v energy.Joules) {
	e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(float64(v)))
}

// rounded keeps seven digits in four bytes.
func (e *encoder) rounded(v float64) {
	e.b = binary.LittleEndian.AppendUint32(e.b, math.Float32bits(float32(v)))
}

// number writes any number.
func (e *encoder) number(v float64) {
	e.b = binary.LittleEndian.AppendUint64(e.b, math.Float64bits(v))
}

// joules keeps v exactly. Whole millijoules, which is what powermetrics
// prints, take two or three bytes, anything else nine.
func (e *encoder) joules(v energy.Joules) {
	mj := math.Round(float64(v) * 1e3)
	if mj >= 0 && mj < 1<<53 && energy.FromMillijoules(int64(mj)) == v {
		e.uvarint(uint64(mj) << 1)
		return
	}
	e.uvarint(1)
	e.float(v)
}

// time keeps t to the nanosecond; the zero time is 0.
func (e *encoder) time(t time.Time) {
	if t.IsZero() {
		e.uvarint(0)
		return
	}
	e.uvarint(uint64(t.UnixNano()) + 1)
}

func (e *encoder) text(s string) {
	e.uvarint(uint64(len(s)))
	e.b = append(e.b, s...)
}

var (
	errShort   = errors.New("value is cut short")
	errLong    = errors.New("value has bytes left over")
	errNumber  = errors.New("number out of range")
	errVersion = errors.New("unknown value version")
	errName    = errors.New("unknown name number")
	errTag     = errors.New("unknown number of client and project")
)

// decoder reads the fields of a value. After the first error, which it keeps,
// every field reads as zero.
type decoder struct {
	b   []byte
	err error
}

func newDecoder(value []byte) *decoder {
	d := &decoder{b: value}
	d.version()
	return d
}

// newDecoderUpTo reads a value of any version up to newest, and says of which.
func newDecoderUpTo(newest byte, value []byte) (d *decoder, version byte) {
	d = &decoder{b: value}
	if version = d.byte(); d.err == nil && (version < valueVersion || version > newest) {
		d.fail(errVersion)
	}
	return d, version
}

// version refuses a value of another version.
func (d *decoder) version() {
	if v := d.byte(); d.err == nil && v != valueVersion {
		d.fail(errVersion)
	}
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err, d.b = err, nil
	}
}

// done returns the first error, or one for bytes that are left over.
func (d *decoder) done() error {
	if d.err == nil && len(d.b) > 0 {
		d.fail(errLong)
	}
	return d.err
}

// take returns the next n bytes, which belong to the transaction.
func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail(errShort)
		return nil
	}
	head := d.b[:n]
	d.b = d.b[n:]
	return head
}

func (d *decoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) uint16() uint16 {
	if b := d.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail(errShort)
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail(errShort)
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) float() energy.Joules {
	b := d.take(8)
	if b == nil {
		return 0
	}
	return energy.Joules(d.amount(math.Float64frombits(binary.LittleEndian.Uint64(b))))
}

func (d *decoder) number() float64 {
	b := d.take(8)
	if b == nil {
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(b))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		d.fail(errNumber)
		return 0
	}
	return v
}

func (d *decoder) rounded() float64 {
	b := d.take(4)
	if b == nil {
		return 0
	}
	return d.amount(float64(math.Float32frombits(binary.LittleEndian.Uint32(b))))
}

// amount refuses what is not an amount: negative, infinite or no number.
func (d *decoder) amount(v float64) float64 {
	if !(v >= 0) || math.IsInf(v, 0) {
		d.fail(errNumber)
		return 0
	}
	return v
}

func (d *decoder) joules() energy.Joules {
	v := d.uvarint()
	if v == 1 {
		return d.float()
	}
	if v&1 != 0 {
		d.fail(errNumber)
		return 0
	}
	return energy.FromMillijoules(int64(v >> 1))
}

func (d *decoder) time() time.Time {
	v := d.uvarint()
	if v == 0 {
		return time.Time{}
	}
	if v > uint64(latestTime.UnixNano())+1 {
		d.fail(errNumber)
		return time.Time{}
	}
	return time.Unix(0, int64(v-1)).UTC()
}

func (d *decoder) text() string { return string(d.take(d.uvarint())) }

// count reads the length of a list whose entries take at least one byte each,
// so that a damaged length cannot ask for memory that the value cannot fill.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.b)) {
		d.fail(errShort)
		return 0
	}
	return int(n)
}
