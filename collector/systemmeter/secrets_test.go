package systemmeter_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

const canary = "canary s3cr&t/+"

// spellings are the ways in which a secret may stand in a question.
func spellings() []string {
	plain, user := canary, "admin:"+canary
	return []string{
		plain, url.QueryEscape(plain), url.PathEscape(plain), strings.ReplaceAll(url.QueryEscape(plain), "+", "%20"),
		base64.StdEncoding.EncodeToString([]byte(plain)), base64.StdEncoding.EncodeToString([]byte(user)), "s3cr", "canary",
	}
}

func checkNoSecret(t *testing.T, where, text string) {
	t.Helper()
	for _, s := range spellings() {
		if strings.Contains(text, s) {
			t.Errorf("%s holds the secret as %q: %s", where, s, text)
			return
		}
	}
}

// secretConfigs have the canary wherever a secret may stand.
func secretConfigs(address string) []systemmeter.Config {
	secret := systemmeter.NewSecret(canary)
	place := systemmeter.ValuePlace{Place: "/power"}
	return []systemmeter.Config{
		{Name: "a", Kind: systemmeter.KindShelly, URL: address, Secret: secret},
		{Name: "b", Kind: systemmeter.KindTasmota, URL: address, Secret: secret},
		{Name: "c", Kind: systemmeter.KindHTTP, URL: address, Secret: secret, Power: place},
		{Name: "d", Kind: systemmeter.KindHTTP, URL: address, User: "admin", Secret: secret, Power: place},
		{Name: "e", Kind: systemmeter.KindHTTP, URL: address, Header: map[string]systemmeter.Secret{"X-Key": secret}, Power: place},
		{Name: "f", Kind: systemmeter.KindHTTP, URL: address + "/canary/x?key=" + url.QueryEscape(canary), Power: place},
	}
}

// hostile answers a question with itself, in ways that may end up in an error.
func hostile() map[string]http.HandlerFunc {
	echo := func(r *http.Request) string {
		said := r.URL.String()
		for name, values := range r.Header {
			said += " " + name + "=" + strings.Join(values, ",")
			if _, coded, ok := strings.Cut(strings.Join(values, ","), "Basic "); ok {
				plain, _ := base64.StdEncoding.DecodeString(coded)
				said += string(plain)
			}
		}
		return said
	}
	raw := func(format string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			fmt.Fprintf(bufio.NewWriterSize(conn, 1), format, echo(r))
		}
	}
	return map[string]http.HandlerFunc{
		"status 500": func(w http.ResponseWriter, r *http.Request) { http.Error(w, echo(r), http.StatusInternalServerError) },
		"status 401": func(w http.ResponseWriter, r *http.Request) { http.Error(w, echo(r), http.StatusUnauthorized) },
		"text":       func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, echo(r)) },
		"json text": func(w http.ResponseWriter, r *http.Request) {
			json.NewEncoder(w).Encode(map[string]string{"power": echo(r), "mac": echo(r), "WARNING": echo(r), "state": echo(r), "status": "error", "error": echo(r)})
		},
		"shelly": func(w http.ResponseWriter, r *http.Request) {
			json.NewEncoder(w).Encode(map[string]any{"gen": 2, "mac": "x", "em:" + echo(r): map[string]any{"apower": echo(r)}})
		},
		"redirect elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/"+url.PathEscape(echo(r)), http.StatusFound)
		},
		"redirect nowhere": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "http://["+echo(r))
			w.WriteHeader(http.StatusFound)
		},
		"redirect scheme": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "canary:"+echo(r))
			w.WriteHeader(http.StatusFound)
		},
		"digest of no kind": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("WWW-Authenticate", "Digest realm="+echo(r))
			w.WriteHeader(http.StatusUnauthorized)
		},
		"no http":   raw("%s\r\n\r\n"),
		"no status": raw("HTTP/1.1 %s\r\n\r\n"),
		"no header": raw("HTTP/1.1 200 OK\r\n%s\r\n\r\n"),
		"no length": raw("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n"),
		"no chunks": raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\n"),
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	handlers := hostile()
	for _, kind := range []fake.Kind{fake.ShellyGen1, fake.Shelly, fake.Tasmota} {
		device, err := fake.New(kind, newMachine(), fake.Options{Password: "another"})
		if err != nil {
			t.Fatal(err)
		}
		handlers["wrong password of "+string(kind)] = device.ServeHTTP
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			for _, c := range secretConfigs(server.URL) {
				checkFailure(t, c)
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener.Close()
		for _, c := range secretConfigs("http://" + listener.Addr().String()) {
			checkFailure(t, c)
		}
	})
	t.Run("not local", func(t *testing.T) {
		for _, c := range secretConfigs("http://192.0.2.1") {
			checkFailure(t, c)
		}
	})
	t.Run("http where https is asked for", func(t *testing.T) {
		server := httptest.NewServer(hostile()["text"])
		defer server.Close()
		for _, c := range secretConfigs(strings.Replace(server.URL, "http:", "https:", 1)) {
			checkFailure(t, c)
		}
	})
}

// checkFailure asks, and looks for the secret in everything that can be printed.
func checkFailure(t *testing.T, c systemmeter.Config) {
	t.Helper()
	meter, err := systemmeter.Open(c, systemmeter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer meter.Close()
	var log bytes.Buffer
	p := systemmeter.NewPoller(meter, c, systemmeter.PollerOptions{Log: zerolog.New(&log)})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for range 3 {
		_, err = p.Poll(ctx)
		if err == nil {
			t.Fatalf("meter %s: no failure", c.Name)
		}
		for err := err; err != nil; {
			checkNoSecret(t, "error of "+string(c.Kind), fmt.Sprintf("%v %+v %q", err, err, err))
			unwrapper, ok := err.(interface{ Unwrap() error })
			if !ok {
				break
			}
			err = unwrapper.Unwrap()
		}
	}
	checkNoSecret(t, "log", log.String())
	checkNoSecret(t, "status", fmt.Sprintf("%+v", p.Status()))
}

func TestSecretsAreNotInConfigsThatArePrinted(t *testing.T) {
	for _, c := range secretConfigs("http://192.168.1.20") {
		c.URL = "" // a URL is no secret by itself
		coded, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		checkNoSecret(t, "config", fmt.Sprintf("%v %+v %#v %s %s", c, c, c, c.Secret, coded))
	}
}

func TestSecretsAreNotInFaultsOfConfigs(t *testing.T) {
	for _, c := range []systemmeter.Config{
		{Name: "a", Kind: systemmeter.KindShelly, URL: "http://admin:" + url.QueryEscape(canary) + "@192.168.1.20"},
		{Name: "b", Kind: systemmeter.KindShelly, URL: "http://admin:canary@192.168.1.20:port"},
		{Name: "c", Kind: systemmeter.KindTasmota, URL: "http://192.168.1.20/?password=canary"},
		{Name: "d", Kind: systemmeter.KindShelly, URL: "ftp://canary"},
		{Name: "e", Kind: systemmeter.KindShelly, URL: "http://192.168.1.20", Secret: systemmeter.NewSecret(canary + "\n")},
		{Name: "f", Kind: systemmeter.KindHTTP, URL: "http://192.168.1.20#canary", Power: systemmeter.ValuePlace{Place: "/p"}},
		{Name: "g", Kind: systemmeter.KindHTTP, URL: "http://192.168.1.20", Power: systemmeter.ValuePlace{Place: "/p"},
			Header: map[string]systemmeter.Secret{"X-Key": systemmeter.NewSecret("canary\r\nX: y")}},
		{Name: "h", Kind: systemmeter.KindHomeWizard, URL: "http://192.168.1.20", Secret: systemmeter.NewSecret(canary)},
	} {
		_, err := systemmeter.Open(c, systemmeter.Options{})
		if err == nil {
			t.Errorf("config %s was accepted", c.Name)
			continue
		}
		checkNoSecret(t, "fault", err.Error())
	}
}
