package fake

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
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
// generation asks for it. Each client that asks gets a nonce of its own, as the
// nonce of a real one is the time, and each count of a nonce is good once.
type digestAuth struct {
	realm, user, password string

	mu     sync.Mutex
	nonces []nonce // the newest last
}

type nonce struct {
	text  string
	count int64 // the highest that came with it
}

// mostNonces is how many clients can be signed in.
const mostNonces = 16

func newDigestAuth(realm, user, password string) *digestAuth {
	return &digestAuth{realm: realm, user: user, password: password}
}

func (a *digestAuth) challenge() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := nonce{text: rand.Text()}
	a.nonces = append(a.nonces[max(len(a.nonces)+1-mostNonces, 0):], n)
	return fmt.Sprintf(`Digest qop="auth", realm=%q, nonce=%q, algorithm=SHA-256`, a.realm, n.text)
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
	i := slices.IndexFunc(a.nonces, func(n nonce) bool { return n.text == said["nonce"] })
	if err != nil || i < 0 || count <= a.nonces[i].count || said["qop"] != "auth" || said["uri"] != r.URL.RequestURI() || said["realm"] != a.realm || said["username"] != a.user {
		return false
	}
	secret := hashed(a.user, a.realm, a.password)
	want := hashed(secret, a.nonces[i].text, said["nc"], said["cnonce"], "auth", hashed(r.Method, said["uri"]))
	if !same(want, said["response"]) {
		return false
	}
	a.nonces[i].count = count
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
	d.digest.nonces = nil
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
