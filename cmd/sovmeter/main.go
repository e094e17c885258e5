// Command sovmeter meters the energy that a Mac spends on each request of a
// local model server, and what the next one costs.
//
// main knows every package and wires them; each subcommand has a file of its
// own. Results go to standard output, everything else to standard error.
package main

import (
	"context"
	"io"
	"os"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole command, for tests to call: it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot(env{stdout: stdout, stderr: stderr})
	root.SetArgs(args)
	return exitCode(root.ExecuteContext(ctx), stderr)
}
