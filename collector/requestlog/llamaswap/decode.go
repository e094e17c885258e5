package llamaswap

import (
	"encoding/json"
	"errors"
	"io"
)

// decode reads a list of entries, or a page with one. null is an empty list.
func decode(r io.Reader) ([]entry, error) {
	d := json.NewDecoder(r)
	open, err := d.Token()
	switch {
	case err != nil:
		return nil, ErrResponse
	case open == nil:
		return nil, nil
	case open == json.Delim('['):
		return decodeList(d, false)
	case open == json.Delim('{'):
		return decodePage(d)
	}
	return nil, ErrResponse
}

// decodePage reads a page after its brace: its entries are under data.
func decodePage(d *json.Decoder) ([]entry, error) {
	var list []entry
	found := false
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, ErrResponse
		}
		if key != "data" {
			var skipped json.RawMessage
			if err := d.Decode(&skipped); err != nil {
				return nil, ErrResponse
			}
			continue
		}
		found = true
		switch open, err := d.Token(); {
		case err == nil && open == nil:
		case err != nil || open != json.Delim('['):
			return nil, ErrResponse
		default:
			if list, err = decodeList(d, true); err != nil {
				return nil, err
			}
		}
	}
	if _, err := d.Token(); err != nil || !found {
		return nil, ErrResponse
	}
	return list, nil
}

// decodeList reads a list after its bracket, one entry at a time. An entry with a
// value of a wrong kind is marked as bad.
func decodeList(d *json.Decoder, paged bool) ([]entry, error) {
	var list []entry
	for d.More() {
		e := entry{paged: paged}
		err := d.Decode(&e)
		if kind := (*json.UnmarshalTypeError)(nil); errors.As(err, &kind) {
			e.bad = true
		} else if err != nil {
			return nil, ErrResponse
		}
		e.settle()
		if list = append(list, e); len(list) > maxList {
			return nil, ErrTooLarge
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, ErrResponse
	}
	return list, nil
}
