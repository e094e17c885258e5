package host

import (
	"bytes"
	"context"
	"strconv"
)

// outputs asks lsof(8) where a process's standard output and error go. What
// cannot be seen is left out: a log that is not found is told to the user anyway.
func (l lsofPorts) outputs(ctx context.Context, pid int) map[int]string {
	out, err := l.run(ctx, "/usr/sbin/lsof", "-nP", "-a", "-p", strconv.Itoa(pid), "-d", "1,2", "-Fftn")
	if err != nil {
		return nil
	}
	return parseOutputs(out)
}

// parseOutputs reads lsof's field output (-F ftn): "f1" begins a descriptor,
// "tREG" says that it is a regular file and "n/path" which. Other lines are
// passed over.
func parseOutputs(b []byte) map[int]string {
	paths := map[int]string{}
	fd, regular := 0, false
	for line := range bytes.Lines(b) {
		line = bytes.TrimRight(line, "\r\n")
		if len(line) < 2 {
			continue
		}
		switch value := string(line[1:]); line[0] {
		case 'f':
			fd, _ = strconv.Atoi(value)
			regular = false
		case 't':
			regular = value == "REG"
		case 'n':
			if regular && fd > 0 && value[0] == '/' {
				paths[fd] = value
			}
		}
	}
	return paths
}
