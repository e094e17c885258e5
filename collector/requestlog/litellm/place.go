package litellm

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// place is where a call was served.
type place uint8

const (
	placeUnknown place = iota // the payload does not say
	placeHere                 // on this machine
	placeAway                 // on another
)

// target is the server that a call went to. It is all that is kept of api_base,
// which may hold keys.
type target struct {
	Place place `cbor:"1,keyasint"`
	Port  int   `cbor:"2,keyasint"` // 0: not known
}

// targetOf reads an api_base. What cannot be understood is on another machine:
// all names of this one can.
func targetOf(base string, hosts []string) target {
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	u, err := url.Parse(base)
	if err != nil {
		return target{Place: placeAway}
	}
	t := target{Place: placeAway, Port: 80}
	if u.Scheme == "https" {
		t.Port = 443
	}
	if port, err := strconv.Atoi(u.Port()); err == nil {
		t.Port = port
	}
	if here(strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), hosts) {
		t.Place = placeHere
	}
	return t
}

func here(host string, hosts []string) bool {
	switch host {
	case "localhost", "host.docker.internal", "gateway.docker.internal",
		"host.containers.internal", "host.lima.internal", "host.orb.internal":
		return true
	}
	if strings.HasSuffix(host, ".localhost") || slices.Contains(hosts, host) {
		return true
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	addr = addr.Unmap()
	return addr.IsLoopback() || addr.IsUnspecified() || slices.Contains(hosts, addr.WithZone("").String())
}

// usual is where a provider's server is when the payload does not say.
func usual(provider string) target {
	switch provider {
	case "":
		return target{}
	case "ollama", "ollama_chat":
		return target{placeHere, 11434}
	case "llamafile":
		return target{placeHere, 8080}
	case "lm_studio":
		return target{placeHere, 1234}
	case "vllm", "hosted_vllm", "docker_model_runner", "xinference", "oobabooga":
		return target{Place: placeHere}
	}
	return target{Place: placeAway}
}
