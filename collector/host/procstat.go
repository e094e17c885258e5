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

// maxTicks keeps ticks times tick inside a Duration.
const maxTicks = uint64(1<<63-1) / uint64(tick)

// parseStat reads one line of /proc/PID/stat. The name stands in parentheses
// and may itself hold spaces and parentheses: the last one ends it.
func parseStat(line []byte) (procStat, error) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return procStat{}, errors.New("no name in parentheses")
	}
	// Field 3, the state, is the first after the name.
	fields := bytes.Fields(line[end+1:])
	if len(fields) < 20 {
		return procStat{}, fmt.Errorf("%d fields after the name, need 20", len(fields))
	}
	parent, err := strconv.Atoi(string(fields[1]))
	if err != nil {
		return procStat{}, fmt.Errorf("parent: %w", err)
	}
	var ticks [3]uint64
	for i, n := range []int{11, 12, 19} { // utime, stime, starttime
		if ticks[i], err = strconv.ParseUint(string(fields[n]), 10, 64); err != nil {
			return procStat{}, fmt.Errorf("field %d: %w", n+3, err)
		}
		if ticks[i] > maxTicks/2 {
			return procStat{}, fmt.Errorf("field %d: %d ticks are out of range", n+3, ticks[i])
		}
	}
	return procStat{
		parent: parent,
		comm:   string(line[open+1 : end]),
		cpu:    time.Duration(ticks[0]+ticks[1]) * tick,
		start:  time.Duration(ticks[2]) * tick,
	}, nil
}
