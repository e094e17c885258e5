package systemmeter_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

func TestDigestSignsInOnce(t *testing.T) {
	m := newMachine()
	device, meter := opened(t, devices()[2], m, "secret")
	for range 3 {
		if _, err := meter.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// /shelly, the status that is refused and asked again, and three questions
	if n := device.Asked(); n != 6 {
		t.Errorf("%d questions for three readings, want 6", n)
	}
	device.ExpireNonce()
	if _, err := meter.Read(t.Context()); err != nil {
		t.Errorf("after the challenge ran out: %v", err)
	}
	if n := device.Asked(); n != 8 {
		t.Errorf("%d questions, want 8: one refused", n)
	}
}

// Who tries a meter by hand does not sign out the daemon that reads it.
func TestTwoClientsAreSignedIn(t *testing.T) {
	m := newMachine()
	d := devices()[2]
	device, first := opened(t, d, m, "secret")
	server := httptest.NewServer(device)
	t.Cleanup(server.Close)
	second, err := systemmeter.Open(systemmeter.Config{Name: "by hand", Kind: systemmeter.KindShelly, URL: server.URL, Secret: systemmeter.NewSecret("secret")}, systemmeter.Options{Now: m.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { second.Close() })
	for i := range 3 {
		for _, meter := range []systemmeter.Meter{first, second} {
			if _, err := meter.Read(t.Context()); err != nil {
				t.Fatalf("reading %d: %v", i, err)
			}
		}
	}
}

// A plug is no server: a question more is one too many, each time.
func TestWrongPasswordIsTriedOnceAReading(t *testing.T) {
	m := newMachine()
	device, meter := opened(t, devices()[2], m, "secret")
	device.SetFault(fake.Refused)
	for i := range 8 {
		before := device.Asked()
		if _, err := meter.Read(t.Context()); !errors.Is(err, systemmeter.ErrUnauthorized) {
			t.Errorf("error %v, want %v", err, systemmeter.ErrUnauthorized)
		}
		if n := device.Asked() - before; n > 3 {
			t.Fatalf("reading %d: %d questions", i, n)
		}
	}
	device.SetFault(fake.NoFault)
	if _, err := meter.Read(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	other, err := fake.New(fake.Shelly, m, fake.Options{Now: m.now, Password: "another"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(other)
	defer server.Close()
	meter, err = systemmeter.Open(systemmeter.Config{
		Name: "plug", Kind: systemmeter.KindShelly, URL: server.URL, Secret: systemmeter.NewSecret("secret"),
	}, systemmeter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		_, _ = meter.Read(t.Context())
	}
	if n := other.Asked(); n > 8*3 {
		t.Errorf("%d questions for 8 readings", n)
	}
}

func TestRefusalsWithoutAChallenge(t *testing.T) {
	for _, challenge := range []string{"", `Basic realm="x"`, `Digest realm="x", nonce="1", algorithm=SHA-1, qop="auth"`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/shelly" {
				_, _ = w.Write([]byte(`{"mac":"A4CF12F45A02","gen":2,"auth_en":true}`))
				return
			}
			w.Header().Set("WWW-Authenticate", challenge)
			http.Error(w, "401: Unauthorized", http.StatusUnauthorized)
		}))
		meter, err := systemmeter.Open(systemmeter.Config{
			Name: "plug", Kind: systemmeter.KindShelly, URL: server.URL, Secret: systemmeter.NewSecret("secret"),
		}, systemmeter.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := meter.Read(t.Context()); !errors.Is(err, systemmeter.ErrUnauthorized) || !strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want %v and what to do", challenge, err, systemmeter.ErrUnauthorized)
		}
		server.Close()
	}
}

func TestWrongPasswords(t *testing.T) {
	for _, kind := range []fake.Kind{fake.ShellyGen1, fake.Shelly, fake.ShellyEM, fake.Tasmota} {
		for _, secret := range []string{"", "wrong"} {
			t.Run(string(kind)+" "+secret, func(t *testing.T) {
				m := newMachine()
				device, err := fake.New(kind, m, fake.Options{Now: m.now, Password: "right"})
				if err != nil {
					t.Fatal(err)
				}
				server := httptest.NewServer(device)
				defer server.Close()
				c := systemmeter.Config{Name: "plug", Kind: systemmeter.KindShelly, URL: server.URL, Secret: systemmeter.NewSecret(secret)}
				if kind == fake.Tasmota {
					c.Kind = systemmeter.KindTasmota
				}
				meter, err := systemmeter.Open(c, systemmeter.Options{})
				if err != nil {
					t.Fatal(err)
				}
				_, err = meter.Read(t.Context())
				if !errors.Is(err, systemmeter.ErrUnauthorized) {
					t.Errorf("error %v, want %v", err, systemmeter.ErrUnauthorized)
				}
				if secret == "" && !strings.Contains(err.Error(), "secret") {
					t.Errorf("error %q does not say what to do", err)
				}
			})
		}
	}
}

// The check of the fake must be one: what was good once is not good again.
func TestDigestIsNoReplay(t *testing.T) {
	m := newMachine()
	device, err := fake.New(fake.Shelly, m, fake.Options{Now: m.now, Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	var said string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a := r.Header.Get("Authorization"); a != "" {
			said = a
		}
		device.ServeHTTP(w, r)
	}))
	defer server.Close()
	meter, err := systemmeter.Open(systemmeter.Config{
		Name: "plug", Kind: systemmeter.KindShelly, URL: server.URL, Secret: systemmeter.NewSecret("secret"),
	}, systemmeter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := meter.Read(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{
		said, strings.Replace(said, "nc=0000000", "nc=0000001", 1), "", "Digest", "Basic YWRtaW46c2VjcmV0", strings.Replace(said, "admin", "root", 1),
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/rpc/Switch.GetStatus?id=0", http.NoBody)
		r.Header.Set("Authorization", header)
		device.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("status %d for %q", w.Code, header)
		}
	}
}
