package systemmeter

import (
	"encoding/hex"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smcBytes makes a struct of what is at an offset, in hexadecimal; the rest is 0.
func smcBytes(t *testing.T, at map[int]string) (p smcParam) {
	t.Helper()
	for offset, text := range at {
		b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil || offset+len(b) > len(p) {
			t.Fatalf("bytes %q at %d: %v", text, offset, err)
		}
		copy(p[offset:], b)
	}
	return p
}

// The offsets are worked out by hand from the C declarations: natural alignment,
// so two bytes of padding after vers, three after keyInfo, and one after data8.
func TestSMCLayout(t *testing.T) {
	for _, f := range []struct {
		name     string
		at, want int
	}{
		{"key", smcKeyAt, 0},
		{"keyInfo.dataSize", smcSizeAt, 4 + 6 + 2 + 16},
		{"keyInfo.dataType", smcTypeAt, 28 + 4},
		{"result", smcResultAt, 28 + 12},
		{"data8", smcCommandAt, 40 + 1 + 1},
		{"bytes", smcBytesAt, 42 + 1 + 1 + 4},
		{"end", len(smcParam{}), 48 + 32},
	} {
		if f.at != f.want {
			t.Errorf("%s at %d, want %d", f.name, f.at, f.want)
		}
	}
}

func TestSMCQuestions(t *testing.T) {
	// 'PSTR' is 0x50535452, 'flt ' is 0x666c7420; both stand reversed in memory.
	info := smcBytes(t, map[int]string{0: "52 54 53 50", 42: "09"})
	if diff := cmp.Diff(info, smcInfoQuestion("PSTR")); diff != "" {
		t.Error("question for what the key is (-want +got)\n" + diff)
	}
	read := smcBytes(t, map[int]string{0: "52 54 53 50", 28: "04 00 00 00", 32: "20 74 6c 66", 42: "05"})
	if diff := cmp.Diff(read, smcReadQuestion("PSTR", smcKeyInfo{Size: 4, Type: "flt "})); diff != "" {
		t.Error("question for the value (-want +got)\n" + diff)
	}
}

func TestSMCInfo(t *testing.T) {
	for _, tt := range []struct {
		name string
		at   map[int]string
		want smcKeyInfo
		err  error
	}{
		{"float", map[int]string{28: "04 00 00 00", 32: "20 74 6c 66", 36: "80"}, smcKeyInfo{4, "flt "}, nil},
		{"fixed point of an Intel Mac", map[int]string{28: "02 00 00 00", 32: "38 37 70 73"}, smcKeyInfo{2, "sp78"}, nil},
		{"letters that do not print", map[int]string{28: "01 00 00 00", 32: "00 07 6c ff"}, smcKeyInfo{1, "?l??"}, nil},
		{"not found", map[int]string{40: "84"}, smcKeyInfo{}, ErrAbsent},
		{"not found is not available", map[int]string{40: "84"}, smcKeyInfo{}, ErrUnavailable},
		{"not readable", map[int]string{40: "85", 28: "04 00 00 00", 32: "20 74 6c 66"}, smcKeyInfo{}, ErrUnavailable},
		{"any other result", map[int]string{40: "01"}, smcKeyInfo{}, ErrUnavailable},
		{"no size", map[int]string{32: "20 74 6c 66"}, smcKeyInfo{}, ErrFormat},
		{"larger than the struct holds", map[int]string{28: "21 00 00 00", 32: "20 74 6c 66"}, smcKeyInfo{}, ErrFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := smcInfo(smcBytes(t, tt.at))
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%+v, %v; want %+v, %v", got, err, tt.want, tt.err)
			}
		})
	}
	if _, err := smcInfo(smcBytes(t, map[int]string{40: "85"})); errors.Is(err, ErrAbsent) {
		t.Error("a key that is there but not readable counts as absent")
	}
}

func TestSMCWatts(t *testing.T) {
	float := smcKeyInfo{4, "flt "}
	for _, tt := range []struct {
		name string
		at   map[int]string
		info smcKeyInfo
		want float64
		err  error
	}{
		// 42.5 = 1.328125 * 2^5: sign 0, exponent 127+5 = 0x84, fraction 0x2a0000.
		{"42.5 W", map[int]string{48: "00 00 2a 42"}, float, 42.5, nil},
		{"big-endian bytes are another number", map[int]string{48: "42 2a 00 00"}, float, float64(math.Float32frombits(0x2a42)), nil},
		{"0 W", nil, float, 0, nil},
		{"below 0", map[int]string{48: "00 00 80 bf"}, float, -1, nil},
		{"infinite", map[int]string{48: "00 00 80 7f"}, float, math.Inf(1), nil},
		{"key lost", map[int]string{40: "84", 48: "00 00 2a 42"}, float, 0, ErrUnavailable},
		{"another type", map[int]string{48: "00 00 2a 42"}, smcKeyInfo{4, "ui32"}, 0, ErrFormat},
		{"another size", map[int]string{48: "00 00 2a 42"}, smcKeyInfo{8, "flt "}, 0, ErrFormat},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := smcWatts(smcBytes(t, tt.at), tt.info)
			if float64(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("%v, %v; want %v, %v", got, err, tt.want, tt.err)
			}
		})
	}
	nan, err := smcWatts(smcBytes(t, map[int]string{48: "00 00 c0 7f"}), float)
	if err != nil || !math.IsNaN(float64(nan)) {
		t.Errorf("NaN reads as %v, %v", nan, err)
	}
}
