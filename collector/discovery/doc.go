// Package discovery finds the model servers that run on this machine and the
// logs they write, so that nobody has to name them in a config.
//
// # What is a server
//
// A process is a server when its executable, or the script that an interpreter
// runs, has one of the names in Kinds. Its descendants are part of it: the
// llama-server that Ollama or llama-swap starts is not a server of its own. Of
// several processes with one name and no port of their own, those that listen
// nowhere are command-line clients, such as `ollama run`, and are left out when
// another one listens.
//
// # Which port
//
// The one its options name, else the kind's default if it or a descendant
// listens there; else none is known, and the process is told by its name alone.
//
// # Which log
//
// The first of these that there is:
//
//  1. the file that its log option names by an absolute path, such as
//     --log-file, unless something else than a file is there;
//  2. an address that it answers about its requests (llama-swap);
//  3. the regular file that its standard output or error goes to, whichever of
//     them is its log (llama-server, for one, logs to standard error alone);
//  4. the kind's usual place, below the home folder of the process's user.
//
// A server whose log does not tell tokens, or that has none, is read from the
// log of the metering proxy in front of it, where one runs whose --upstream is
// on this machine (127.0.0.1 or localhost) and whose --log is an absolute path.
//
// A server for which none is found is reported with what its user can do, not
// left out: its processes are metered, its requests are not.
//
// # Limits
//
// Environment variables are not read, since they hold keys: OLLAMA_HOST,
// LLAMA_ARG_PORT and the like go unseen. Two servers of one kind can be told
// apart only by their ports. Reading another user's processes needs root.
package discovery
