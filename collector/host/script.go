package host

import (
	"path"
	"strings"
)

// isInterpreter goes by the executable's name: model servers in Python are the
// reason, and macOS calls it "Python".
func isInterpreter(executable string) bool {
	name := strings.ToLower(path.Base(executable))
	return strings.HasPrefix(name, "python") || name == "node" || name == "bun"
}

// scriptName returns the name of the script or module that an interpreter was
// told to run, or "". It looks no further than that argument: what follows may
// be private.
func scriptName(args []string) string {
	for i := 1; i < len(args); i++ {
		switch arg := args[i]; {
		case arg == "-m" && i+1 < len(args):
			return args[i+1]
		case arg == "-c" || arg == "-":
			return ""
		case arg == "-X" || arg == "-W":
			i++ // its value follows
		case !strings.HasPrefix(arg, "-"):
			return path.Base(arg)
		}
	}
	return ""
}
