package llamacpp

import (
	"encoding/binary"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp/slots"
)

// run is one life of the server's process.
type run struct {
	Begun    bool          `cbor:"1,keyasint"`
	Shape    shape         `cbor:"2,keyasint"`
	Offset   int64         `cbor:"3,keyasint"` // of its first line
	First    time.Duration `cbor:"4,keyasint"` // stamp of its first line
	Key      string        `cbor:"5,keyasint"` // set by the first launch
	Greeted  bool          `cbor:"6,keyasint"` // said that it is initializing
	Last     slots.Mark    `cbor:"7,keyasint"` // its latest line
	LastLine int64         `cbor:"8,keyasint"` // offset of the latest line
	Clock    clock         `cbor:"9,keyasint"`
}

// setKey names the run, so that ids are unique over restarts. The name follows
// from the log alone, so reading the log again gives the same ids: stamps have
// microseconds, and two runs do not launch their first task at the same one.
// Plain lines have no stamps; there the arrival of the launch line must do.
func (r *run) setKey(l requestlog.Line, stamp time.Duration) {
	if r.Clock.Fixed != 0 {
		r.Key = strconv.FormatInt(r.Clock.Fixed/int64(time.Millisecond), 10)
		return
	}
	h := fnv.New64a()
	var arrival int64
	if (r.Shape == shapePlain || r.Shape == shapeLevelled) && l.Spread != requestlog.SpreadUnknown && !l.Arrival.IsZero() {
		arrival = l.Arrival.UnixMilli()
	}
	for _, n := range []int64{r.Offset, int64(r.First), int64(stamp), l.Offset, arrival} {
		binary.Write(h, binary.BigEndian, n) //nolint:errcheck // a hash never fails
	}
	r.Key = strconv.FormatUint(h.Sum64()>>16, 16)
}
