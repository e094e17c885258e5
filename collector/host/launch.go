package host

import (
	"os/user"
	"strings"
)

// Launch is how a process was started, as far as somebody asked. Arguments can
// be secret, so no other than those named in the question are ever in it.
type Launch struct {
	// Options are the values of the options asked for that were given, by the
	// option's name, such as "--port".
	Options map[string]string
	// Home is the home folder of the process's user; empty when not known.
	Home string
	// Output are the regular files that its standard output, 1, and standard
	// error, 2, go to. One that goes elsewhere or cannot be seen is not in it.
	Output map[int]string
}

// launchArgs bounds how many arguments are searched for options.
const launchArgs = 512

// optionsOf finds the wanted options among a process's arguments, as in
// "--port 8080" or "--port=8080". Of one given twice the last counts.
func optionsOf(args, wanted []string) map[string]string {
	found := map[string]string{}
	for i, arg := range args {
		for _, name := range wanted {
			switch value, joined := strings.CutPrefix(arg, name+"="); {
			case joined:
				found[name] = value
			case arg == name && i+1 < len(args):
				found[name] = args[i+1]
			}
		}
	}
	return found
}

// homeOf returns the home folder of a user by number.
func homeOf(uid string) string {
	u, err := user.LookupId(uid)
	if err != nil {
		return ""
	}
	return u.HomeDir
}
