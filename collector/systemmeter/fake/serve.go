package fake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Fault is what can be wrong with a device.
type Fault string

// The faults.
const (
	NoFault      Fault = ""
	Silent       Fault = "silent"       // takes the question and never answers
	Slow         Fault = "slow"         // begins an answer and never ends it
	Refused      Fault = "401"          // refuses every password
	ServerError  Fault = "500"          // fails at every question
	Unavailable  Fault = "unavailable"  // says that it has no value
	WrongUnit    Fault = "wrong unit"   // a thousand times what it should say
	NotFound     Fault = "404"          // is another device
	Garbage      Fault = "garbage"      // answers with a page for people
	Cut          Fault = "cut"          // closes the connection in the middle of the answer
	Endless      Fault = "endless"      // answers with more than anybody should read
	Elsewhere    Fault = "elsewhere"    // sends the client to another host
	NotANumber   Fault = "not a number" // has text where numbers should be
	ClockSkewed  Fault = "clock skewed" // has a clock that is 30 s ahead
	NoPowerField Fault = "no power"     // leaves the key of the power out
)

// errUnauthorized is what a route answers a question without the password with.
var errUnauthorized = errors.New("unauthorized")

// ServeHTTP answers as the device.
func (d *Device) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.asked++
	fault := d.fault
	d.mu.Unlock()
	if d.broken(fault, w, r) {
		return
	}
	route, ok := d.routes[strings.TrimSuffix(r.URL.Path, "/")]
	if !ok || fault == NotFound {
		http.NotFound(w, r)
		return
	}
	if !d.signedIn(w, r) {
		return
	}
	d.mu.Lock()
	answer, err := route(r)
	d.mu.Unlock()
	if errors.Is(err, errUnauthorized) {
		w.WriteHeader(http.StatusUnauthorized)
	}
	body, err := json.Marshal(answer)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	switch fault {
	case Cut:
		w.Header().Set("Content-Length", "4096")
		body = body[:len(body)/2]
	case NotANumber:
		body = spoil(body)
	}
	w.Write(body)
}

// broken plays the faults that have nothing to do with what is measured.
func (d *Device) broken(fault Fault, w http.ResponseWriter, r *http.Request) bool {
	switch fault {
	case Silent:
		<-r.Context().Done()
	case Slow:
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"`)
		_ = http.NewResponseController(w).Flush() // where it cannot be done, the answer is silence
		<-r.Context().Done()
	case Refused:
		http.Error(w, "401: Unauthorized", http.StatusUnauthorized)
	case ServerError:
		http.Error(w, "500: Internal error", http.StatusInternalServerError)
	case Garbage:
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><html><body>Sign in</body></html>")
	case Endless:
		page := []byte(strings.Repeat(" ", 1<<16))
		for r.Context().Err() == nil {
			if _, err := w.Write(page); err != nil {
				return true
			}
		}
	case Elsewhere:
		http.Redirect(w, r, "http://192.0.2.1"+r.URL.RequestURI(), http.StatusFound)
	default:
		return false
	}
	return true
}

// spoil puts text in the place of each number.
func spoil(body []byte) []byte {
	var document any
	if json.Unmarshal(body, &document) != nil {
		return body
	}
	var walk func(any) any
	walk = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for key, part := range v {
				v[key] = walk(part)
			}
		case []any:
			for i, part := range v {
				v[i] = walk(part)
			}
		case float64:
			return "##"
		}
		return v
	}
	spoiled, err := json.Marshal(walk(document))
	if err != nil {
		return body
	}
	return spoiled
}
