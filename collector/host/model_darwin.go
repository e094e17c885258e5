package host

import "golang.org/x/sys/unix"

func hardwareModel() string {
	model, err := unix.Sysctl("hw.model")
	if err != nil {
		return ""
	}
	return model
}
