package foreign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Services nest their figures differently deep, and change that. What tells one
// figure is an object with certain fields, wherever it stands: so every object of
// a file is shown to the format, flat, as soon as it ends.

const (
	maxDepth  = 64  // of nesting; the deepest format has 8
	maxFields = 500 // of an object; the largest format has 130
	maxText   = 200 // of a value that is kept; the rest is cut
)

// short keeps so much of a text that the memory of a file's object is bounded.
func short(text string) string {
	if len(text) > maxText {
		return strings.Clone(text[:maxText])
	}
	return text
}

// field is one value of an object. A null has null set and no text.
type field struct {
	key, text string
	null      bool
}

// object is what a JSON object holds: its own values, and those of the objects in
// it under names such as "intensity.forecast". Arrays are not in it.
type object struct {
	name   string // its key, or that of the array it is in
	line   int
	fields []field
}

// get returns a value; false when there is none, or it is null.
func (o *object) get(key string) (string, bool) {
	for _, f := range o.fields {
		if f.key == key {
			return f.text, !f.null
		}
	}
	return "", false
}

// has reports whether there is a value of that name, null or not.
func (o *object) has(key string) bool {
	for _, f := range o.fields {
		if f.key == key {
			return true
		}
	}
	return false
}

// visitor is told what a file holds, in its order.
type visitor struct {
	object func(*object) error                         // after the objects in it
	item   func(array string, f field, line int) error // a value in an array, by the array's name; may be nil
}

type walker struct {
	dec   *json.Decoder
	lines *lineReader
	visit visitor
	// inArray is true for the value that begins: an array takes no values from the
	// objects in it.
	inArray bool
}

// walkJSON goes through all JSON values of a file.
func walkJSON(lines *lineReader, v visitor) error {
	w := walker{dec: json.NewDecoder(lines), lines: lines, visit: v}
	w.dec.UseNumber()
	for {
		token, err := w.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := w.value(token, "", 0); err != nil {
			return err
		}
	}
}

// token reads on, and says where it is when that fails.
func (w *walker) token() (json.Token, error) {
	t, err := w.dec.Token()
	line := w.lines.at(w.dec.InputOffset())
	var syntax *json.SyntaxError
	var own *LineError
	switch {
	case err == nil, errors.As(err, &own), errors.Is(err, ErrTooLarge):
		return t, err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &LineError{line, fmt.Errorf("the file ends in its middle: %w", ErrFormat)}
	case errors.As(err, &syntax):
		return nil, &LineError{w.lines.at(syntax.Offset), fmt.Errorf("not JSON: %w: %w", err, ErrFormat)}
	}
	return nil, err
}

// inside reads a token of an array or object, which must not end here.
func (w *walker) inside() (json.Token, error) {
	t, err := w.token()
	if errors.Is(err, io.EOF) {
		return nil, &LineError{w.lines.line, fmt.Errorf("the file ends in its middle: %w", ErrFormat)}
	}
	return t, err
}

// value goes through the value that begins with token and returns what it adds to
// the object around it. name is its key, or that of the array it is in.
func (w *walker) value(token json.Token, name string, depth int) ([]field, error) {
	if depth > maxDepth {
		return nil, &LineError{w.lines.line, fmt.Errorf("more than %d levels: %w", maxDepth, ErrFormat)}
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return nil, w.array(name, depth)
		}
		return w.object(name, depth)
	case json.Number:
		return []field{{key: name, text: short(t.String())}}, nil
	case string:
		return []field{{key: name, text: short(t)}}, nil
	case bool:
		return []field{{key: name, text: fmt.Sprint(t)}}, nil
	}
	return []field{{key: name, null: true}}, nil
}

func (w *walker) object(name string, depth int) ([]field, error) {
	o := object{name: name, line: w.lines.line}
	inArray := w.inArray
	w.inArray = false
	for {
		token, err := w.inside()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok { // the closing brace
			break
		}
		if token, err = w.inside(); err != nil {
			return nil, err
		}
		fields, err := w.value(token, key, depth+1)
		if err != nil {
			return nil, err
		}
		if o.fields = append(o.fields, fields...); len(o.fields) > maxFields {
			return nil, &LineError{o.line, fmt.Errorf("an object of more than %d values: %w", maxFields, ErrFormat)}
		}
	}
	if err := w.visit.object(&o); err != nil {
		return nil, err
	}
	if inArray || name == "" || len(name) > maxText {
		return nil, nil
	}
	for i := range o.fields {
		o.fields[i].key = name + "." + o.fields[i].key
	}
	return o.fields, nil
}

func (w *walker) array(name string, depth int) error {
	for {
		token, err := w.inside()
		if err != nil {
			return err
		}
		if token == json.Delim(']') {
			return nil
		}
		w.inArray = true
		fields, err := w.value(token, name, depth+1)
		w.inArray = false
		if err != nil {
			return err
		}
		if _, nested := token.(json.Delim); nested || w.visit.item == nil {
			continue
		}
		if err := w.visit.item(name, fields[0], w.lines.line); err != nil {
			return err
		}
	}
}
