package fake

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// signedIn checks the password in the way of the device, and answers for it
// where it is wrong. /shelly is free to all.
func (d *Device) signedIn(w http.ResponseWriter, r *http.Request) bool {
	if d.options.Password == "" || r.URL.Path == "/shelly" {
		return true
	}
	switch {
	case d.digest != nil:
		if d.digest.accepts(r) {
			return true
		}
		w.Header().Set("WWW-Authenticate", d.digest.challenge())
	case d.kind == ShellyGen1 || d.kind == ShellyGen1EM:
		user, password, ok := r.BasicAuth()
		if ok && same(user, d.options.User) && same(password, d.options.Password) {
			return true
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="`+shellyID(d.kind)+`"`)
	default:
		return true // Tasmota looks into the query; the others have none
	}
	http.Error(w, "401 Unauthorized", http.StatusUnauthorized)
	return false
}

// digestAuth checks RFC 7616 with SHA-256 and qop auth, as Shelly of the second
// generation asks for it. Each count of a nonce is good once.
type digestAuth struct {
	realm, user, password string

	mu    sync.Mutex
	nonce string
	count int64 // the highest that came with the nonce
}

func newDigestAuth(realm, user, password string) *digestAuth {
	a := &digestAuth{realm: realm, user: user, password: password}
	a.renew()
	return a
}

func (a *digestAuth) renew() { a.nonce, a.count = rand.Text(), 0 }

func (a *digestAuth) challenge() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return fmt.Sprintf(`Digest qop="auth", realm=%q, nonce=%q, algorithm=SHA-256`, a.realm, a.nonce)
}

func (a *digestAuth) accepts(r *http.Request) bool {
	scheme, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Digest") {
		return false
	}
	said := directives(rest)
	a.mu.Lock()
	defer a.mu.Unlock()
	count, err := strconv.ParseInt(said["nc"], 16, 64)
	if err != nil || count <= a.count || said["nonce"] != a.nonce || said["qop"] != "auth" ||
		said["uri"] != r.URL.RequestURI() || said["realm"] != a.realm || said["username"] != a.user {
		return false
	}
	secret := hashed(a.user, a.realm, a.password)
	want := hashed(secret, a.nonce, said["nc"], said["cnonce"], "auth", hashed(r.Method, said["uri"]))
	if !same(want, said["response"]) {
		return false
	}
	a.count = count
	return true
}

func hashed(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])
}

// directives splits name=value, name="value" and so on.
func directives(s string) map[string]string {
	out := map[string]string{}
	for s != "" {
		name, rest, ok := strings.Cut(s, "=")
		if !ok {
			break
		}
		var value string
		if quoted, isQuoted := strings.CutPrefix(rest, `"`); isQuoted {
			value, rest, _ = strings.Cut(quoted, `"`)
			_, s, _ = strings.Cut(rest, ",")
		} else {
			value, s, _ = strings.Cut(rest, ",")
		}
		out[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return out
}

// ExpireNonce makes a device of Shelly's second generation ask to sign in anew.
func (d *Device) ExpireNonce() {
	if d.digest == nil {
		return
	}
	d.digest.mu.Lock()
	defer d.digest.mu.Unlock()
	d.digest.renew()
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
