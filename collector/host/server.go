package host

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Server says how to find a model server's processes. It needs a name and at
// least one of Processes and Port.
type Server struct {
	Name string // the configured server name
	// Processes are names of executables, such as llama-server, or absolute
	// paths of them. For an interpreter the name of the script or module
	// counts, such as mlx_lm.server.
	Processes []string
	Port      int // the TCP port it listens on; 0 when not configured
}

// Runs reports whether a process is one of the server's by the name of what it
// runs.
func (s Server) Runs(p Process, exe Executable) bool { return s.matches(p.Comm, exe) }

// matches says whether a process with this short name runs this executable.
func (s Server) matches(comm string, exe Executable) bool {
	return slices.ContainsFunc(s.Processes, func(want string) bool {
		return nameMatches(want, comm, exe)
	})
}

// commCut is the length from which a short name may have been cut: Linux keeps
// 15 bytes (TASK_COMM_LEN 16), XNU 16 (MAXCOMLEN).
const commCut = 15

func nameMatches(want, comm string, exe Executable) bool {
	if strings.Contains(want, "/") {
		return exe.Path == want
	}
	if want == exe.Script {
		return true
	}
	if exe.Path != "" && want == path.Base(exe.Path) {
		return true
	}
	if len(comm) < commCut {
		return want == comm
	}
	// "LM Studio Helper" may be a cut "LM Studio Helper (GPU)": it counts only
	// when the whole name could not be read.
	return exe.Path == "" && strings.HasPrefix(want, comm)
}

// checkServers reports every problem at once.
func checkServers(servers []Server) error {
	var errs []error
	names, ports := map[string]bool{}, map[int]bool{}
	for _, s := range servers {
		if names[s.Name] {
			errs = append(errs, fmt.Errorf("server %q: configured twice", s.Name))
		}
		if s.Port != 0 && ports[s.Port] {
			errs = append(errs, fmt.Errorf("server %q: port %d is another server's too", s.Name, s.Port))
		}
		names[s.Name], ports[s.Port] = true, true
		errs = append(errs, s.check()...)
	}
	return errors.Join(append(errs, checkShared(servers)...)...)
}

func (s Server) check() []error {
	var errs []error
	if s.Name == "" {
		errs = append(errs, errors.New("server without a name"))
	}
	if len(s.Processes) == 0 && s.Port == 0 {
		errs = append(errs, fmt.Errorf("server %q: neither a process name nor a port", s.Name))
	}
	if s.Port < 0 || s.Port > 65535 {
		errs = append(errs, fmt.Errorf("server %q: port %d: must be 1 to 65535", s.Name, s.Port))
	}
	if slices.Contains(s.Processes, "") {
		errs = append(errs, fmt.Errorf("server %q: empty process name", s.Name))
	}
	return errs
}

// checkShared demands a port where two servers share a process name: nothing
// else tells their processes apart.
func checkShared(servers []Server) []error {
	users := map[string]int{}
	for _, s := range servers {
		for _, name := range s.Processes {
			users[name]++
		}
	}
	var errs []error
	for _, s := range servers {
		for _, name := range s.Processes {
			if users[name] > 1 && s.Port == 0 {
				errs = append(errs, fmt.Errorf("server %q: process name %q is another server's too: add its port", s.Name, name))
			}
		}
	}
	return errs
}
