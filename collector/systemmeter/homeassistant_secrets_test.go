package systemmeter_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sovmeter/sovmeter/collector/systemmeter"
	"github.com/sovmeter/sovmeter/collector/systemmeter/fake"
)

// What servers say of a token never gets into an error, however they say it.
func TestTokensAreNeverPrinted(t *testing.T) {
	handlers := hostile()
	// Labels named after the token, and units.
	handlers["labels"] = func(w http.ResponseWriter, r *http.Request) {
		said := r.Header.Get("Authorization")
		_, token, _ := strings.Cut(said, " ")
		if plain, err := base64.StdEncoding.DecodeString(token); err == nil {
			token = string(plain)
		}
		series := func(value string) map[string]any {
			return map[string]any{"metric": map[string]string{said: value, token: value}, "value": []any{1.5, "1"}}
		}
		json.NewEncoder(w).Encode(map[string]any{
			"status": "success", "data": map[string]any{"resultType": "vector", "result": []any{series("a"), series("b")}},
			"state": "1", "last_updated": "2026-01-05T10:00:00Z", "attributes": map[string]string{"unit_of_measurement": token, "state_class": token},
		})
	}
	handlers["error type"] = func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"status": "error", "errorType": r.Header.Get("Authorization"), "error": r.Header.Get("Authorization"), "message": r.Header.Get("Authorization")})
	}
	secret := systemmeter.NewSecret(canary)
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			for _, c := range []systemmeter.Config{
				{Name: "h", Kind: systemmeter.KindHomeAssistant, URL: server.URL, Secret: secret, Power: systemmeter.ValuePlace{Place: fake.HAPower}},
				{Name: "p", Kind: systemmeter.KindPrometheus, URL: server.URL, Secret: secret, Power: systemmeter.ValuePlace{Place: fake.PromPower}},
				{Name: "q", Kind: systemmeter.KindPrometheus, URL: server.URL, User: "admin", Secret: secret, Power: systemmeter.ValuePlace{Place: fake.PromPower}},
			} {
				checkFailure(t, c)
			}
		})
	}
}

// A token that could be a label's name is none here.
func TestTokenAsLabel(t *testing.T) {
	const token = "abc_token_123"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, said, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		w.Write([]byte(`{"status":"success","data":{"resultType":"vector","result":[` +
			`{"metric":{"plug":"a","` + said + `":"a"},"value":[1.5,"1"]},{"metric":{"plug":"b","` + said + `":"b"},"value":[1.5,"1"]}]}}`))
	}))
	defer server.Close()
	m, err := systemmeter.Open(systemmeter.Config{
		Name: "p", Kind: systemmeter.KindPrometheus, URL: server.URL, Secret: systemmeter.NewSecret(token), Power: systemmeter.ValuePlace{Place: fake.PromPower},
	}, systemmeter.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err = m.Read(t.Context()); err == nil || !strings.Contains(err.Error(), "labels plug:") || strings.Contains(err.Error(), token) {
		t.Errorf("got %v, want the label plug and no token", err)
	}
}
