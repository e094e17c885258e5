package host

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// procStat is what we read of Linux' /proc/PID/stat (proc_pid_stat(5)).
type procStat struct {
	parent int
	comm   string
	cpu    time.Duration // utime + stime, whole ticks
	start  time.Duration // since boot, whole ticks
}

// tick is the unit of times in /proc: USER_HZ, which the kernel fixes at 100
// for every architecture that Go runs on.
const tick = time.Second / 100

// maxTicks keeps two counts of ticks together inside a Duration.
const maxTicks = uint64(1<<62) / uint64(tick)

// parseStat reads one line of /proc/PID/stat. The name stands in parentheses
// and may itself hold spaces and parentheses: the last one ends it.
func parseStat(line []byte) (procStat, error) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return procStat{}, errors.New("no name in parentheses")
	}
	st := procStat{comm: string(line[open+1 : end])}
	n := 2 // the number of the field, as the manual counts
	for field := range bytes.FieldsSeq(line[end+1:]) {
		n++
		if err := st.set(n, field); err != nil {
			return procStat{}, fmt.Errorf("field %d: %w", n, err)
		}
		if n == fieldStart {
			return st, nil
		}
	}
	return procStat{}, fmt.Errorf("%d fields, need %d", n, fieldStart)
}

// The fields that are read, as the manual counts them.
const (
	fieldParent = 4
	fieldUser   = 14
	fieldSystem = 15
	fieldStart  = 22
)

func (st *procStat) set(n int, field []byte) (err error) {
	var d time.Duration
	switch n {
	case fieldParent:
		st.parent, err = strconv.Atoi(string(field))
	case fieldUser, fieldSystem:
		d, err = ticks(field)
		st.cpu += d
	case fieldStart:
		st.start, err = ticks(field)
	}
	return err
}

func ticks(field []byte) (time.Duration, error) {
	n, err := strconv.ParseUint(string(field), 10, 64)
	if err != nil {
		return 0, err
	}
	if n > maxTicks {
		return 0, fmt.Errorf("%d ticks are out of range", n)
	}
	return time.Duration(n) * tick, nil
}
