package host

import (
	"bytes"
	"encoding/binary"
)

// maxArgs bounds how many arguments of a process are looked at: enough to get
// past an interpreter's options to its script.
const maxArgs = 16

// parseProcArgs reads the answer to sysctl kern.procargs2 (XNU
// bsd/kern/kern_sysctl.c): a 32-bit argument count, the path of the executable,
// NULs up to a word boundary, then the arguments and the environment, each
// ended by a NUL. The environment is never looked at. No more than most
// arguments are returned.
func parseProcArgs(b []byte, most uint32) []string {
	if len(b) < 4 {
		return nil
	}
	count := min(binary.LittleEndian.Uint32(b), most)
	_, rest, ok := bytes.Cut(b[4:], []byte{0})
	if !ok {
		return nil
	}
	rest = bytes.TrimLeft(rest, "\x00")
	var args []string
	for range count {
		arg, after, ok := bytes.Cut(rest, []byte{0})
		if !ok {
			break
		}
		args = append(args, string(arg))
		rest = after
	}
	return args
}
