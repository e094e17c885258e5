package store

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/sovmeter/sovmeter/collector/attribution"
)

// The times that a key can hold. What lies outside comes from a clock that was
// never set, and is refused.
var (
	earliestTime = time.Unix(0, 0).UTC()
	latestTime   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// maxPosition is the largest log position that fits a request's key: 256 TiB.
const maxPosition = 1<<48 - 1

// timeKey is a time as eight big-endian bytes, so that keys sort by time.
func timeKey(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(make([]byte, 0, 24), uint64(clampTime(t).UnixNano()))
}

func clampTime(t time.Time) time.Time {
	switch {
	case t.Before(earliestTime):
		return earliestTime
	case t.After(latestTime):
		return latestTime
	}
	return t
}

// keyTime reads the time that starts at byte "at" of a key.
func keyTime(k []byte, at int) time.Time {
	return time.Unix(0, int64(binary.BigEndian.Uint64(k[at:at+8]))).UTC()
}

const (
	windowKeySize  = 8           // end
	gapKeySize     = 16          // end, start
	requestKeySize = 8 + 6 + 4   // end, position, hash of server and id
	slotKeySize    = 4 + 1       // slot, kind; then one to three numbers
	systemKeySize  = 4 + 1 + 4   // … scope
	modelKeySize   = 4 + 1 + 4*2 // … server, model
	remoteKeySize  = 4 + 1 + 4*3 // … gateway, provider, model
	taggedKeySize  = 4 + 1 + 4*3 // … server, model, tags

	calibrationKeySize = 8 // when it was made; longer for further ones of the same time
)

func gapKey(g attribution.Gap) []byte {
	return binary.BigEndian.AppendUint64(timeKey(g.End), uint64(g.Start.UnixNano()))
}

func requestKey(r attribution.Request) []byte { return rowKey(r.End, r.Position, r.Server, r.ID) }

// rowKey is unique among requests, and among calls, but for a collision of a
// 32-bit hash among those with the same end and the same position.
func rowKey(end time.Time, position int64, server, id string) []byte {
	k := timeKey(end)
	var p [8]byte
	binary.BigEndian.PutUint64(p[:], uint64(position))
	k = append(k, p[2:]...)
	h := fnv.New32a()
	_, _ = h.Write([]byte(server)) // a hash never fails
	_, _ = h.Write([]byte{0})
	_, _ = h.Write([]byte(id))
	return h.Sum(k)
}

func requestPosition(k []byte) int64 {
	var p [8]byte
	copy(p[2:], k[8:14])
	return int64(binary.BigEndian.Uint64(p[:]))
}

// slotNumber counts slots from 1970.
func slotNumber(t time.Time) uint32 {
	return uint32(clampTime(t).Unix() / int64(SlotLength/time.Second))
}

func slotTime(n uint32) time.Time {
	return time.Unix(int64(n)*int64(SlotLength/time.Second), 0).UTC()
}

// The kinds of slot rows. The system comes first in its slot.
const (
	kindSystem = 0
	kindModel  = 1
	kindRemote = 2
	kindTagged = 3
)

func slotKey(slot uint32, kind byte, ids ...uint64) []byte {
	k := binary.BigEndian.AppendUint32(make([]byte, 0, remoteKeySize), slot)
	k = append(k, kind)
	for _, id := range ids {
		k = binary.BigEndian.AppendUint32(k, uint32(id))
	}
	return k
}
