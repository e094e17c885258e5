package store

import (
	"encoding/hex"
	"strconv"
	"strings"
)

// An id is most of a request's row when it is kept as text, and most ids are
// one of few shapes. The forms that an id is kept in, by their first byte:
const (
	idText       = iota // as it is
	idHex               // the bytes that its hexadecimal digits stand for
	idServerText        // what follows the server's name, as it is
	idRun               // server/run/number: the numbers; the run is hexadecimal
)

func (e *encoder) id(id, server string) {
	rest, ours := strings.CutPrefix(id, server)
	if run, number, ok := cutRun(rest); ours && ok {
		e.byte(idRun)
		e.uvarint(run)
		e.uvarint(number)
		return
	}
	if b, err := hex.DecodeString(id); err == nil && hex.EncodeToString(b) == id {
		e.byte(idHex)
		e.text(string(b))
		return
	}
	if ours && server != "" {
		e.byte(idServerText)
		e.text(rest)
		return
	}
	e.byte(idText)
	e.text(id)
}

// cutRun takes "/run/number" apart when joinRun gives the same text back.
func cutRun(text string) (run, number uint64, ok bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 3 {
		return 0, 0, false
	}
	run, err1 := strconv.ParseUint(parts[1], 16, 64)
	number, err2 := strconv.ParseUint(parts[2], 10, 64)
	return run, number, err1 == nil && err2 == nil && joinRun(run, number) == text
}

func joinRun(run, number uint64) string {
	return "/" + strconv.FormatUint(run, 16) + "/" + strconv.FormatUint(number, 10)
}

func (d *decoder) id(server string) string {
	switch form := d.byte(); form {
	case idText:
		return d.text()
	case idHex:
		return hex.EncodeToString([]byte(d.text()))
	case idServerText:
		return server + d.text()
	case idRun:
		run, number := d.uvarint(), d.uvarint()
		return server + joinRun(run, number)
	default:
		d.fail(errNumber)
		return ""
	}
}
