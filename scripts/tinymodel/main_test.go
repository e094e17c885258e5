package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// reader reads a file of this format by what its specification says, and so
// apart from the code that wrote it.
type reader struct {
	t  *testing.T
	in *bytes.Reader
}

func (r reader) number(bytes int) uint64 {
	r.t.Helper()
	var b [8]byte
	if _, err := io.ReadFull(r.in, b[:bytes]); err != nil {
		r.t.Fatal(err)
	}
	return binary.LittleEndian.Uint64(b[:])
}

func (r reader) text() string {
	r.t.Helper()
	b := make([]byte, min(r.number(8), 1<<16))
	if _, err := io.ReadFull(r.in, b); err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

// value reads a value and returns it, or an array's length.
func (r reader) value(kind uint64) any {
	r.t.Helper()
	switch kind {
	case 4, 5, 6:
		return int(r.number(4))
	case 8:
		return r.text()
	case 9:
		of, n := r.number(4), int(r.number(8))
		for range n {
			r.value(of)
		}
		return n
	}
	r.t.Fatalf("a value of kind %d", kind)
	return nil
}

func writeModel(t *testing.T, args ...string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.gguf")
	if err := run(append([]string{"-o", path}, args...), io.Discard); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestFile(t *testing.T) {
	data := writeModel(t, "-width", "128", "-layers", "2", "-context", "1024")
	r := reader{t, bytes.NewReader(data)}
	if got := r.number(4); got != 0x46554747 {
		t.Fatalf("magic %x", got)
	}
	if got := r.number(4); got != 3 {
		t.Fatalf("version %d", got)
	}
	tensors, values := int(r.number(8)), map[string]any{}
	for range r.number(8) {
		name := r.text()
		values[name] = r.value(r.number(4))
	}
	for name, want := range map[string]any{
		"general.architecture": "llama", "llama.embedding_length": 128, "llama.block_count": 2,
		"llama.context_length": 1024, "llama.attention.head_count": 4, "llama.attention.head_count_kv": 2,
		"tokenizer.ggml.tokens": values["llama.vocab_size"], "tokenizer.ggml.scores": values["llama.vocab_size"],
		"tokenizer.ggml.token_type": values["llama.vocab_size"],
	} {
		if values[name] != want {
			t.Errorf("%s is %v, want %v", name, values[name], want)
		}
	}
	if want := 3 + 2*9; tensors != want {
		t.Fatalf("%d tensors, want %d", tensors, want)
	}
	next := 0
	for range tensors {
		name, size := r.text(), 1
		for range r.number(4) {
			size *= int(r.number(8))
		}
		size *= []int{4, 2}[r.number(4)]
		offset := int(r.number(8))
		if offset < next || offset >= next+32 || offset%32 != 0 {
			t.Errorf("%s at %d, the one before ends at %d", name, offset, next)
		}
		next = offset + size
	}
	begin := len(data) - r.in.Len()
	begin += (32 - begin%32) % 32
	if want := begin + next + (32-next%32)%32; len(data) != want {
		t.Errorf("%d bytes, want %d", len(data), want)
	}
}

// TestSeed: the same options give the same bytes, another seed gives others.
func TestSeed(t *testing.T) {
	small := []string{"-width", "64", "-layers", "1"}
	first := writeModel(t, small...)
	if !bytes.Equal(first, writeModel(t, small...)) {
		t.Error("the same options gave another file")
	}
	if bytes.Equal(first, writeModel(t, append(small, "-seed", "2")...)) {
		t.Error("another seed gave the same file")
	}
}

func TestWeights(t *testing.T) {
	w := newModel(shape{width: 64, layers: 1, context: 1}, 1)
	var negative, n int
	var out bytes.Buffer
	if err := w.write(&out); err != nil {
		t.Fatal(err)
	}
	size := w.tensors()[len(w.tensors())-1].size() // of weights, to the end of the file
	for b := out.Bytes()[out.Len()-size:]; len(b) > 0; b = b[2:] {
		bits := binary.LittleEndian.Uint16(b)
		if bits&0x7c00 != 0x2800 {
			t.Fatalf("weight %04x is not between 1/32 and 1/16", bits)
		}
		n++
		negative += int(bits >> 15)
	}
	if n != 64*192 || negative < n*45/100 || negative > n*55/100 {
		t.Errorf("%d of %d weights are negative", negative, n)
	}
}

func TestVocabulary(t *testing.T) {
	seen := map[string]bool{}
	for i, tok := range vocabulary() {
		if seen[tok.text] {
			t.Errorf("token %d, %q, is there twice", i, tok.text)
		}
		seen[tok.text] = true
		rest := strings.TrimPrefix(tok.text, space)
		if tok.class == normal && len(rest) > 1 && !seen[rest] && (!seen[rest[:1]] || !seen[rest[1:]]) {
			t.Errorf("token %q cannot be put together", tok.text)
		}
	}
	if !seen["<0x00>"] || !seen["<0xFF>"] || !seen[space+"to"] {
		t.Error("a token is missing")
	}
}

func TestRefuses(t *testing.T) {
	for _, args := range [][]string{
		{"-width", "100"}, {"-width", "0"}, {"-width", "1048576"}, {"-layers", "0"}, {"-context", "-1"},
		{"-o", filepath.Join(t.TempDir(), "missing", "x.gguf")},
	} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
