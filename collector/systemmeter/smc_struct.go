package systemmeter

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/sovmeter/sovmeter/collector/energy"
)

// smcParam is SMCParamStruct, which is both question and answer of the SMC's
// driver. Apple publishes it in PowerManagement, pmconfigd/PrivateLib.c
// (494.1.2); Chromium (components/power_metrics/smc_internal_types_mac.h) and
// macmon (crates/lib/src/platform/smc.rs, 2026) read PSTR by the same layout:
//
//	 0  key          uint32, four letters, the first is the highest byte
//	 4  vers         major, minor, build, reserved uint8; release uint16 at 8
//	12  pLimitData   version, length uint16; cpu, gpu, mem uint32, 16 to 27
//	28  keyInfo      dataSize uint32 at 28, dataType uint32 at 32, attributes uint8 at 36
//	40  result       uint8
//	41  status       uint8
//	42  data8        uint8, the command
//	44  data32       uint32
//	48  bytes        32 bytes, the value
//
// Its numbers are little-endian, as every Mac is, so the letters of a key stand
// reversed in memory. The driver refuses any other size than 80 bytes.
type smcParam [80]byte

// Where the fields are that are used.
const (
	smcKeyAt      = 0
	smcSizeAt     = 28
	smcTypeAt     = 32
	smcResultAt   = 40
	smcCommandAt  = 42
	smcBytesAt    = 48
	smcMaxPayload = 32
)

// What the SMC is told and answers. The results are from the same source as the
// layout, those from 0x80 on from the SMC's own protocol.
const (
	smcReadKey    = 5
	smcGetKeyInfo = 9

	smcSuccess        = 0
	smcKeyNotFound    = 0x84
	smcKeyNotReadable = 0x85
)

// smcFloat is the type of a key that holds an IEEE 754 number of 32 bits,
// little-endian, on Apple Silicon.
const smcFloat = "flt "

// smcKeyInfo is what the SMC says of a key.
type smcKeyInfo struct {
	Size uint32 // in bytes
	Type string // four letters
}

// smcInfoQuestion asks what a key of four letters is.
func smcInfoQuestion(key string) (q smcParam) {
	binary.LittleEndian.PutUint32(q[smcKeyAt:], fourCC(key))
	q[smcCommandAt] = smcGetKeyInfo
	return q
}

// smcReadQuestion asks for a key's value.
func smcReadQuestion(key string, info smcKeyInfo) (q smcParam) {
	binary.LittleEndian.PutUint32(q[smcKeyAt:], fourCC(key))
	binary.LittleEndian.PutUint32(q[smcSizeAt:], info.Size)
	binary.LittleEndian.PutUint32(q[smcTypeAt:], fourCC(info.Type))
	q[smcCommandAt] = smcReadKey
	return q
}

// smcInfo reads the answer to smcInfoQuestion.
func smcInfo(a smcParam) (smcKeyInfo, error) {
	if err := smcResult(a); err != nil {
		return smcKeyInfo{}, err
	}
	info := smcKeyInfo{
		Size: binary.LittleEndian.Uint32(a[smcSizeAt:]),
		Type: letters(binary.LittleEndian.Uint32(a[smcTypeAt:])),
	}
	if info.Size == 0 || info.Size > smcMaxPayload {
		return smcKeyInfo{}, fmt.Errorf("value of %d bytes: %w", info.Size, ErrFormat)
	}
	return info, nil
}

// smcWatts reads the answer to smcReadQuestion as a power. It may be any number,
// and none at all.
func smcWatts(a smcParam, info smcKeyInfo) (energy.Watts, error) {
	if err := smcResult(a); err != nil {
		return 0, err
	}
	if info != (smcKeyInfo{Size: 4, Type: smcFloat}) {
		return 0, fmt.Errorf("value of type %q with %d bytes: %w", info.Type, info.Size, ErrFormat)
	}
	return energy.Watts(math.Float32frombits(binary.LittleEndian.Uint32(a[smcBytesAt:]))), nil
}

func smcResult(a smcParam) error {
	switch result := a[smcResultAt]; result {
	case smcSuccess:
		return nil
	case smcKeyNotFound:
		return fmt.Errorf("this Mac has no such key: %w", ErrAbsent)
	case smcKeyNotReadable:
		return fmt.Errorf("key is not readable: %w", ErrUnavailable)
	default:
		return fmt.Errorf("result 0x%02x: %w", result, ErrUnavailable)
	}
}

// fourCC packs four letters; what is missing counts as spaces.
func fourCC(s string) uint32 {
	return binary.BigEndian.Uint32([]byte((s + "    ")[:4]))
}

// letters unpacks what fourCC packed. What does not print becomes a question
// mark, so that it can be in an error.
func letters(code uint32) string {
	b := binary.BigEndian.AppendUint32(nil, code)
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, string(b))
}
