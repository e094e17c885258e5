package launchd

import (
	"fmt"
	"reflect"

	"howett.net/plist"
)

// job is the whole property list; launchd.plist(5) explains the keys. What is
// not here is left to launchd's default, ProcessType above all: "Background"
// would have the kernel throttle the sampling that everything rests on.
type job struct {
	Label                string            `plist:"Label"`
	ProgramArguments     []string          `plist:"ProgramArguments"`
	RunAtLoad            bool              `plist:"RunAtLoad"`
	KeepAlive            bool              `plist:"KeepAlive"`
	ThrottleInterval     int               `plist:"ThrottleInterval"` // seconds between two starts
	ExitTimeOut          int               `plist:"ExitTimeOut"`      // seconds from SIGTERM to SIGKILL
	Umask                int               `plist:"Umask"`            // decimal, as a plist has no octal
	EnvironmentVariables map[string]string `plist:"EnvironmentVariables"`
	StandardOutPath      string            `plist:"StandardOutPath"`
	StandardErrorPath    string            `plist:"StandardErrorPath"`
}

const (
	throttleSeconds = 30 // a daemon that cannot start does not spin
	exitSeconds     = 15 // enough to close the store twice over
	umask           = 0o027
)

func (s Service) job() job {
	args := []string{s.Executable, "run"}
	if s.Config != "" {
		args = append(args, "--config", s.Config)
	}
	return job{
		Label:            s.label(),
		ProgramArguments: args,
		RunAtLoad:        true,
		KeepAlive:        true,
		ThrottleInterval: throttleSeconds,
		ExitTimeOut:      exitSeconds,
		Umask:            umask,
		// A root daemon looks for system tools in the system's folders only.
		EnvironmentVariables: map[string]string{"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
		StandardOutPath:      logFile,
		StandardErrorPath:    logFile,
	}
}

// render returns the property list as XML. It is read back before it is used:
// XML has no way to write some characters a path may hold, and launchd would
// start another file than the one that was meant.
func (j job) render() ([]byte, error) {
	out, err := plist.MarshalIndent(j, plist.XMLFormat, "\t")
	if err != nil {
		return nil, fmt.Errorf("render the property list: %w", err)
	}
	var back job
	if _, err := plist.Unmarshal(out, &back); err != nil {
		return nil, fmt.Errorf("read the rendered property list back: %w", err)
	}
	if !reflect.DeepEqual(j, back) {
		return nil, fmt.Errorf("%w: a path holds characters that a property list cannot: %q", ErrInvalid, j.ProgramArguments)
	}
	return append(out, '\n'), nil
}
