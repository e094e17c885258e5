package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/sovmeter/sovmeter/cmd/sovmeter/config"
)

// errNoServer is returned when no model server answers that a load could be
// put on.
var errNoServer = errors.New("no model server answers")

// serverChoice is which model server does the work of a calibration.
type serverChoice struct {
	name      string // of the config; empty: the first that answers
	url       string // not one of the config
	model     string // empty: the only one that the server has
	tokenFile string // of url
}

// loadTarget is a server that may do the work.
type loadTarget struct {
	name      string
	url       string
	tokenFile string
}

// find returns a client of the server that is meant, once it answers.
func (s serverChoice) find(ctx context.Context, cfg config.Config) (*completions, error) {
	targets, err := s.targets(ctx, cfg)
	if err != nil {
		return nil, err
	}
	var tried []string
	for _, t := range targets {
		c, err := t.meet(ctx, s.model)
		var choice *modelChoiceError
		var hint hinted
		switch {
		case err == nil:
			return c, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.As(err, &choice), len(targets) == 1 && errors.As(err, &hint):
			return nil, err
		}
		tried = append(tried, err.Error())
	}
	return nil, &hintError{
		fmt.Errorf("%w: %s", errNoServer, orNothing(strings.Join(tried, "; "))),
		"start yours, or say where it is: --url http://127.0.0.1:8080",
	}
}

// meet returns a client of a server on this machine that answers.
func (t loadTarget) meet(ctx context.Context, model string) (*completions, error) {
	if err := checkHere(ctx, t.url); err != nil {
		return nil, fmt.Errorf("server %s: %w", t.name, err)
	}
	token, err := readToken(t.tokenFile)
	if err != nil {
		return nil, err
	}
	c := newCompletions(t.name, t.url, token)
	err = c.meet(ctx, model)
	return c, err
}

func orNothing(text string) string {
	if text == "" {
		return "none of the config has a port, and none was found running"
	}
	return text
}

// targets are the servers to try, in order.
func (s serverChoice) targets(ctx context.Context, cfg config.Config) ([]loadTarget, error) {
	if s.url != "" {
		if err := checkAddress(s.url); err != nil {
			return nil, &usageError{err}
		}
		if err := checkHere(ctx, s.url); err != nil {
			return nil, &usageError{fmt.Errorf("--url: %w", err)}
		}
		return []loadTarget{{name: address(s.url), url: s.url, tokenFile: s.tokenFile}}, nil
	}
	servers := cfg.Servers
	if len(servers) == 0 {
		found, err := findServers(ctx)
		if err != nil {
			return nil, err
		}
		servers = configured(found)
	}
	var targets []loadTarget
	var names []string
	for _, v := range servers {
		names = append(names, v.Name)
		at := placeOf(v)
		if s.name != "" && v.Name != s.name || at == "" && s.name == "" {
			continue
		}
		if at == "" {
			return nil, &usageError{fmt.Errorf("server %s: its port is not known: say where it is with --url", v.Name)}
		}
		targets = append(targets, loadTarget{name: v.Name, url: at, tokenFile: v.TokenFile})
	}
	if s.name != "" && len(targets) == 0 {
		return nil, &usageError{fmt.Errorf("no server %q; there are: %s", s.name, strings.Join(names, ", "))}
	}
	return targets, nil
}

// placeOf is where a server of the config answers; empty when that is not known.
func placeOf(v config.Server) string {
	if config.IsAddress(v.Log) {
		return address(v.Log)
	}
	port := v.Port
	if port == 0 {
		port = usualPort(v)
	}
	if port == 0 {
		return ""
	}
	return "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

// checkAddress demands an address, and no secret in it.
func checkAddress(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return errors.New("--url: want an address such as http://127.0.0.1:8080")
	}
	if u.User != nil || u.RawQuery != "" {
		return errors.New("--url: want an address without user, password and query; a token goes into --token-file")
	}
	return nil
}

// checkHere demands that an address leads to this machine: the load is to be put
// on the one that is metered.
func checkHere(ctx context.Context, text string) error {
	u, err := url.Parse(text)
	if err != nil {
		return errors.New("its address is not understood")
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, u.Hostname())
	if err != nil {
		return err
	}
	own, err := net.InterfaceAddrs()
	if err != nil {
		return fmt.Errorf("addresses of this machine: %w", err)
	}
	for _, ip := range ips {
		if !isOwn(ip.IP, own) {
			return fmt.Errorf("%s is another machine: the load has to be on this one, whose power is metered", u.Hostname())
		}
	}
	return nil
}

func isOwn(ip net.IP, own []net.Addr) bool {
	if ip.IsLoopback() {
		return true
	}
	for _, a := range own {
		if n, ok := a.(*net.IPNet); ok && n.IP.Equal(ip) {
			return true
		}
	}
	return false
}
