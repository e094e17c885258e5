//go:build !linux && !darwin

package host

// ThisSystem returns the machine this program runs on, read through gopsutil.
func ThisSystem() (System, error) { return gopsutilSystem{}, nil }
