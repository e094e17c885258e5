package systemmeter

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-openapi/jsonpointer"
)

// parsePointer reads a JSON pointer (RFC 6901). # is the whole document, and
// what follows it a pointer, as in a URL's fragment.
func parsePointer(s string) (jsonpointer.Pointer, error) {
	return jsonpointer.New(strings.TrimPrefix(s, "#"))
}

// decodeJSON reads a whole document for numberAt. Its error holds nothing of it.
func decodeJSON(body []byte) (any, error) {
	var document any
	if err := json.Unmarshal(body, &document); err != nil {
		return nil, fmt.Errorf("no valid JSON: %w", ErrFormat)
	}
	return document, nil
}

// numberAt returns the number at a place of a document. A string that holds a
// number is one too, as devices and brokers write it.
func numberAt(document any, at jsonpointer.Pointer) (float64, error) {
	value, _, err := at.Get(document)
	if err != nil {
		return 0, fmt.Errorf("nothing at %s: %w", at.String(), ErrFormat)
	}
	v, err := number(value)
	if err != nil {
		return 0, fmt.Errorf("value at %q: %w", at.String(), err)
	}
	return v, nil
}

// number makes one of a decoded JSON value.
func number(value any) (float64, error) {
	switch v := value.(type) {
	case nil:
		return 0, fmt.Errorf("null: %w", ErrUnavailable)
	case float64:
		return v, nil
	case string:
		return parseNumber(v)
	}
	return 0, fmt.Errorf("no number: %w", ErrFormat)
}

// parseNumber reads a number from text, and the words that stand for none.
func parseNumber(text string) (float64, error) {
	text = strings.TrimSpace(text)
	switch strings.ToLower(text) {
	case "", "unavailable", "unknown", "none", "null", "n/a":
		return 0, fmt.Errorf("%w: it says %q", ErrUnavailable, text)
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("text is no number: %w", ErrFormat)
	}
	if !finite(v) {
		return 0, fmt.Errorf("%v: %w", v, ErrImplausible)
	}
	return v, nil
}
