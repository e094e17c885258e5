package host

import (
	"bytes"
	"errors"
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// libproc calls the few functions of libSystem that Go's syscall packages do
// not have, without cgo.
type libproc struct {
	pidRusage, pidPath uintptr // proc_pid_rusage, proc_pidpath: libproc.h
	timebase           timebase
}

func openLibproc() (*libproc, error) {
	lib, err := purego.Dlopen("/usr/lib/libSystem.B.dylib", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("open libSystem: %w", err)
	}
	var l libproc
	var machTimebase uintptr
	for name, at := range map[string]*uintptr{
		"proc_pid_rusage": &l.pidRusage, "proc_pidpath": &l.pidPath, "mach_timebase_info": &machTimebase,
	} {
		if *at, err = purego.Dlsym(lib, name); err != nil {
			return nil, fmt.Errorf("find %s: %w", name, err)
		}
	}
	purego.SyscallN(machTimebase, uintptr(unsafe.Pointer(&l.timebase)))
	if l.timebase.Denom == 0 {
		return nil, errors.New("mach_timebase_info gave no timebase")
	}
	return &l, nil
}

// rusage is proc_pid_rusage(pid, flavor, info): 0, or -1 and errno.
func (l *libproc) rusage(pid, flavor int, info *rusageInfo) error {
	r, _, errno := purego.SyscallN(l.pidRusage, uintptr(pid), uintptr(flavor), uintptr(unsafe.Pointer(info)))
	if int32(r) == 0 {
		return nil
	}
	return unix.Errno(errno)
}

// maxPath is PROC_PIDPATHINFO_MAXSIZE of sys/proc_info.h.
const maxPath = 4 * 1024

// path is proc_pidpath(pid, buffer, size): the length, or 0 and errno.
func (l *libproc) path(pid int) (string, error) {
	buf := make([]byte, maxPath)
	r, _, errno := purego.SyscallN(l.pidPath, uintptr(pid), uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
	n := int(int32(r))
	if n <= 0 || n > len(buf) {
		return "", fmt.Errorf("path of pid %d: %w", pid, unix.Errno(errno))
	}
	path, _, _ := bytes.Cut(buf[:n], []byte{0})
	return string(path), nil
}
