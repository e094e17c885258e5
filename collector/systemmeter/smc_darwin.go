package systemmeter

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
	"golang.org/x/sys/unix"
)

// smcHandleYPCEvent is the driver's one method that reads keys.
const smcHandleYPCEvent = 2

// ioNotPermitted is kIOReturnNotPermitted of IOReturn.h.
const ioNotPermitted = 0xe00002e2

// iokit is a connection to the driver AppleSMC, and the functions of IOKitLib.h
// and mach_init.h that it takes.
type iokit struct {
	matching, getService, release, open, shut, call, taskSelf uintptr

	connection uint32
}

// openSMC connects to the SMC's driver, which needs no root.
func openSMC() (smcPort, error) {
	k, err := loadIOKit()
	if err != nil {
		return nil, err
	}
	service := k.service()
	if service == 0 {
		return nil, fmt.Errorf("the driver AppleSMC is not there: %w", ErrAbsent)
	}
	defer purego.SyscallN(k.release, service)
	task, _, _ := purego.SyscallN(k.taskSelf)
	r, _, _ := purego.SyscallN(k.open, service, uintptr(uint32(task)), 0, uintptr(unsafe.Pointer(&k.connection)))
	if err := ioReturn(r, "open"); err != nil {
		return nil, err
	}
	return k, nil
}

// loadIOKit finds the functions. The libraries stay loaded: to unload them
// crashes the Go runtime (gopsutil, issue 1832).
func loadIOKit() (*iokit, error) {
	lib, err := purego.Dlopen("/System/Library/Frameworks/IOKit.framework/IOKit", purego.RTLD_NOW|purego.RTLD_GLOBAL)
	if err != nil {
		return nil, fmt.Errorf("open IOKit: %w", err)
	}
	var k iokit
	for _, f := range []struct {
		name string
		at   *uintptr
	}{
		{"IOServiceMatching", &k.matching}, {"IOServiceGetMatchingService", &k.getService}, {"IOObjectRelease", &k.release},
		{"IOServiceOpen", &k.open}, {"IOServiceClose", &k.shut}, {"IOConnectCallStructMethod", &k.call},
		{"mach_task_self", &k.taskSelf}, // in libSystem, which IOKit brings along
	} {
		if *f.at, err = purego.Dlsym(lib, f.name); err != nil {
			return nil, fmt.Errorf("find %s: %w", f.name, err)
		}
	}
	return &k, nil
}

// service finds the driver; 0: there is none. Apple Silicon's is of the class
// AppleSMCKeysEndpoint, which counts as an AppleSMC.
func (k *iokit) service() uintptr {
	for _, class := range []string{"AppleSMCKeysEndpoint\x00", "AppleSMC\x00"} {
		name := []byte(class)
		dictionary, _, _ := purego.SyscallN(k.matching, uintptr(unsafe.Pointer(&name[0])))
		if dictionary == 0 {
			continue
		}
		// The call takes the dictionary over.
		if r, _, _ := purego.SyscallN(k.getService, 0, dictionary); uint32(r) != 0 {
			return uintptr(uint32(r))
		}
	}
	return 0
}

func (k *iokit) ask(q smcParam) (smcParam, error) {
	var a smcParam
	size := uintptr(len(a))
	r, _, _ := purego.SyscallN(k.call, uintptr(k.connection), smcHandleYPCEvent,
		uintptr(unsafe.Pointer(&q[0])), uintptr(len(q)), uintptr(unsafe.Pointer(&a[0])), uintptr(unsafe.Pointer(&size)))
	if err := ioReturn(r, "call"); err != nil {
		return smcParam{}, err
	}
	if size != uintptr(len(a)) {
		return smcParam{}, fmt.Errorf("the driver AppleSMC answered with %d bytes: %w", size, ErrFormat)
	}
	return a, nil
}

func (k *iokit) close() error {
	r, _, _ := purego.SyscallN(k.shut, uintptr(k.connection))
	return ioReturn(r, "close")
}

// ioReturn makes an error of a kern_return_t, of which only 32 bits count.
func ioReturn(r uintptr, doing string) error {
	switch code := uint32(r); code {
	case 0:
		return nil
	case ioNotPermitted:
		return hint(fmt.Errorf("%s the driver AppleSMC: %w", doing, ErrUnavailable), "a sandbox forbids it: run sovmeter outside of one")
	default:
		return fmt.Errorf("%s the driver AppleSMC: IOReturn 0x%08x: %w", doing, code, ErrUnavailable)
	}
}

func hardwareModel() string {
	model, err := unix.Sysctl("hw.model")
	if err != nil {
		return ""
	}
	return model
}
