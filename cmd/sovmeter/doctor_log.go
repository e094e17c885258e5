package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"time"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
	"github.com/sovmeter/sovmeter/collector/attribution"
	"github.com/sovmeter/sovmeter/collector/requestlog"
	"github.com/sovmeter/sovmeter/collector/requestlog/llamaswap"
)

// logEnd is how much of a log's end is read to see whether it tells requests.
const logEnd = 4 << 20

// logSample is what the end of a log tells.
type logSample struct {
	Bytes     int64 `json:"bytes"`
	Requests  int   `json:"requests"`
	WithCount int   `json:"requests_with_tokens"` // input and output known
	Cancelled int   `json:"cancelled"`
	Remote    int   `json:"answered_elsewhere"`
}

func (s logSample) String() string {
	text := fmt.Sprintf("%d in the last %s of the log, %d of them with tokens", s.Requests, size(s.Bytes), s.WithCount)
	if s.Cancelled > 0 {
		text += fmt.Sprintf(", %d cancelled", s.Cancelled)
	}
	if s.Remote > 0 {
		text += fmt.Sprintf("; %d calls answered elsewhere", s.Remote)
	}
	return text
}

func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1000:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}

// askTime bounds how long an address is waited for.
const askTime = 3 * time.Second

// askActivity asks a llama-swap once.
func askActivity(ctx context.Context, address string) error {
	activity, err := llamaswap.NewActivity(llamaswap.ActivityOptions{URL: address})
	if err != nil {
		return err
	}
	defer activity.Close() //nolint:errcheck // it has not asked anything
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, activity.Name(), http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultTransport.RoundTrip(req) // as it is: a redirect is no answer
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // only its status counts
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers with status %d", resp.StatusCode)
	}
	return nil
}

// readLog reads the end of the server's log, or asks its address, and notes what
// is wrong with it.
func (r *serverReport) readLog(ctx context.Context) {
	problem := func(text, fix string) { r.Problems = append(r.Problems, finding{text, fix}) }
	switch {
	case r.Log == "":
		return
	case config.IsAddress(r.Log):
		if err := askActivity(ctx, r.Log); err != nil {
			problem("its address does not tell of requests: "+err.Error(),
				"start the server, correct the address in the config, or put the proxy in front of the server: sovmeter proxy --help")
		}
		return
	}
	format := r.Format
	var err error
	if format == config.FormatAuto || format == "" {
		format, err = recognise(r.Log)
	}
	var sample logSample
	if err == nil && format != "" {
		r.Format = format
		sample, err = sampleLog(r.Log, format)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		problem("its log is not there", "start the server, or correct the log's path in the config")
	case errors.Is(err, fs.ErrPermission):
		problem("its log may not be read by this user", "run this as root, as the daemon does: sudo sovmeter doctor")
	case errors.Is(err, errNoFormat):
		problem("its log has no format that is known", "set the format in the config, or put the proxy in front of the server: sovmeter proxy --help")
	case err != nil:
		problem(err.Error(), "correct the log's path in the config")
	case format != "":
		r.Sample = &sample
		r.judge(sample, problem)
	}
}

func (r *serverReport) judge(s logSample, problem func(text, fix string)) {
	if s.Requests > 0 && s.WithCount == 0 && len(r.Problems) == 0 {
		problem("none of its requests tells tokens", "let it log more, or put the proxy in front of it: sovmeter proxy --help")
	}
}

// sampleLog parses the end of a log, or of the newest one in a folder.
func sampleLog(path, format string) (logSample, error) {
	f, err := formatNamed(format)
	if err != nil {
		return logSample{}, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() && f.Files != nil {
		files, err := f.Files(path)
		if err != nil || len(files) == 0 {
			return logSample{}, firstError(err, fs.ErrNotExist)
		}
		path = files[len(files)-1]
	}
	file, err := openLog(path)
	if err != nil {
		return logSample{}, err
	}
	defer file.Close()
	end, err := seekToEnd(file)
	if err != nil {
		return logSample{}, err
	}
	s := logSample{Bytes: end.N}
	lines := bufio.NewReader(end)
	if end.skip { // most likely in the middle of a line
		if _, err := lines.ReadString('\n'); err != nil {
			return logSample{}, nil
		}
	}
	_, err = requestlog.Replay(lines, requestlog.Arrivals{}, f.New(requestlog.Options{Server: "doctor", Zone: time.Local}), func(facts requestlog.Facts) error {
		s.add(facts)
		return nil
	})
	return s, err
}

func (s *logSample) add(facts requestlog.Facts) {
	s.Remote += len(facts.Remote)
	for _, r := range facts.Requests {
		s.Requests++
		switch {
		case r.Input.Known && r.Output.Known:
			s.WithCount++
		case r.Outcome == attribution.OutcomeCancelled:
			s.Cancelled++
		}
	}
}

// tail is the end of a file.
type tail struct {
	*io.LimitedReader
	skip bool // it does not begin at the file's beginning
}

func seekToEnd(f *os.File) (tail, error) {
	info, err := f.Stat()
	if err != nil {
		return tail{}, err
	}
	from := max(0, info.Size()-logEnd)
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return tail{}, err
	}
	return tail{&io.LimitedReader{R: f, N: info.Size() - from}, from > 0}, nil
}
