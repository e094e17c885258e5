//go:build !darwin

package host

func hardwareModel() string { return "" }
