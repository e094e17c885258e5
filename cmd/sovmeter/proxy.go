package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/sovmeter/sovmeter/collector/proxy"
)

func newProxy(e env) *cobra.Command {
	c := &cobra.Command{
		Use:   "proxy",
		Short: "Stand between clients and a model server whose log has no tokens",
		Long: `Proxy passes everything on to a model server as it is, reads the usage numbers
out of the responses, and writes one line a request to a log that the daemon
reads as format jsonl. No text of a prompt or reply is kept anywhere.

Point clients at the proxy instead of the server, and the config at the log:

  servers:
    - name: ollama
      log: /usr/local/var/log/sovmeter/ollama.jsonl
      format: jsonl
      port: 11434

A client that sends the headers X-Sovmeter-Client and X-Sovmeter-Project is
named by them in reports. Stopped, the proxy lets requests in flight finish.`,
		Example: `  sovmeter proxy --log ollama.jsonl
  sovmeter proxy --listen 127.0.0.1:8081 --upstream http://127.0.0.1:8080 --server mlx --log mlx.jsonl`,
	}
	cfg := proxy.Config{}
	f := c.Flags()
	f.StringVar(&cfg.Listen, "listen", proxy.DefaultListen, "where clients connect; other than loopback, other machines can too")
	f.StringVar(&cfg.Upstream, "upstream", proxy.DefaultUpstream, "the model server")
	f.StringVar(&cfg.Log, "log", "", "file that the requests are appended to")
	f.StringVar(&cfg.Server, "server", "", "the server's name in the log")
	f.BoolVar(&cfg.UpstreamHost, "upstream-host", false, "send the upstream's name as the Host header, not the client's")
	remote := f.Bool("remote", false, "whether the upstream is another machine, whose energy is not this one's (default: by its address)")
	f.DurationVar(&cfg.Drain, "drain", proxy.DefaultDrain, "how long requests in flight may take to finish when stopped")
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		if cfg.Log == "" {
			return &usageError{fmt.Errorf("--log is missing (see %s --help)", cmd.CommandPath())}
		}
		if cfg.Drain < time.Millisecond {
			return &usageError{fmt.Errorf("--drain: got %s, want a duration above 0", cfg.Drain)}
		}
		if f.Changed("remote") {
			cfg.Remote = remote
		}
		cfg.Logger = newLogger(e.stderr)
		return interruptible(cmd.Context(), func(ctx context.Context) error { return runProxy(ctx, cfg) })
	}
	return c
}

// runProxy proxies until ctx ends.
func runProxy(ctx context.Context, cfg proxy.Config) error {
	p, err := proxy.New(cfg)
	if err == nil {
		_, err = p.Listen(ctx)
	}
	for _, mistake := range []error{proxy.ErrUpstream, proxy.ErrSelf, proxy.ErrAddress, proxy.ErrServerName, proxy.ErrLog} {
		if errors.Is(err, mistake) {
			return &usageError{err}
		}
	}
	if err != nil {
		return err
	}
	return p.Run(ctx)
}
