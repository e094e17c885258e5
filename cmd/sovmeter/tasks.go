package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sovmeter/sovmeter/collector/host"
	"github.com/sovmeter/sovmeter/collector/powermetrics"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamacpp"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
	"github.com/sovmeter/sovmeter/collector/requestlog/lmstudio"
	"github.com/sovmeter/sovmeter/collector/requestlog/ollama"
)

// usualProcesses are the executables of the servers that write a log format, as
// a recording names them: without parents, so their helpers are listed too.
// Interpreters are not among them: any program may run under Python or node.
func usualProcesses(format string) []string {
	ollamas := []string{"ollama", "Ollama", "ollama_llama_server", "llama-server"}
	studios := []string{"LM Studio", "llmster", "LM Studio Helper", "LM Studio Helper (GPU)", "LM Studio Helper (Plugin)", "LM Studio Helper (Renderer)"}
	switch format {
	case llamacpp.FormatName, llamaswap.FormatName:
		return []string{"llama-server"}
	case ollama.FormatName:
		return ollamas
	case lmstudio.FormatName:
		return studios
	}
	return append(ollamas, studios...) // anything may write the others
}

// recordedTasks tells the processes in a recording apart.
type recordedTasks struct {
	meter *powermetrics.TaskMeter
	names []string // the server's
}

// newRecordedTasks looks through the whole recording for the server, and leaves
// it at its beginning. A pipe can be read only once: there nothing is known of
// processes before the server is first seen.
func newRecordedTasks(ctx context.Context, power *os.File, p *progress, server string, names []string, format string) (*recordedTasks, error) {
	if len(names) == 0 {
		names = usualProcesses(format)
	}
	t := &recordedTasks{
		meter: powermetrics.NewTaskMeter(server, host.Server{Name: server, Processes: names}),
		names: names,
	}
	if _, err := power.Seek(0, io.SeekCurrent); err != nil {
		return t, nil
	}
	if err := t.meter.Scan(p.reader(untilDone{ctx, power}, 0)); err != nil {
		return nil, err
	}
	_, err := power.Seek(0, io.SeekStart)
	return t, err
}

// print says what the recording knows of processes, so that nobody takes a
// figure without process stats for one with them.
func (t *recordedTasks) print(w io.Writer) {
	s := t.meter.Stats()
	switch {
	case s.Tasks == 0:
		fmt.Fprintf(w, "sovmeter: processes: not recorded (powermetrics ran without its tasks sampler); all active energy goes to the requests in flight\n")
	case s.Server == 0:
		fmt.Fprintf(w, "sovmeter: processes: in %d of %d samples, but never one named %s; all active energy goes to the requests in flight (name the server's executable with --process)\n",
			s.Tasks, s.Samples, strings.Join(t.names, ", "))
	default:
		fmt.Fprintf(w, "sovmeter: processes: in %d of %d samples, the server's in %d, who used the GPU in %d\n",
			s.Tasks, s.Samples, s.Server, s.GPU)
	}
}

// untilDone is a reader that ends with its context.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
