package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
)

// headWidth is how many numbers each attention head has, and sharing how many
// heads use the same keys and values.
const (
	headWidth = 32
	sharing   = 2
)

// shape says how large a model is.
type shape struct {
	width   int // of the embeddings
	layers  int
	context int // the longest, in tokens
}

func (s shape) check() error {
	switch {
	case s.width <= 0 || s.width%(headWidth*sharing) != 0 || s.width > 1<<14:
		return fmt.Errorf("a width of %d: want a multiple of %d up to %d", s.width, headWidth*sharing, 1<<14)
	case s.layers <= 0 || s.layers > 1<<10:
		return fmt.Errorf("%d layers: want 1 to %d", s.layers, 1<<10)
	case s.context <= 0 || s.context > 1<<24:
		return fmt.Errorf("a context of %d tokens: want 1 to %d", s.context, 1<<24)
	}
	return nil
}

func (s shape) heads() int   { return s.width / headWidth }
func (s shape) forward() int { return 3 * s.width }

// model is a model that can be written.
type model struct {
	shape
	tokens []token
	seed   uint64
}

func newModel(s shape, seed uint64) model { return model{shape: s, tokens: vocabulary(), seed: seed} }

// metadata describes the model to its loader.
func (m model) metadata() metadata {
	var out metadata
	out.text("general.architecture", "llama")
	out.text("general.name", "tiny-random")
	out.number("general.file_type", 1) // mostly 16 bits
	out.number("llama.context_length", m.context)
	out.number("llama.embedding_length", m.width)
	out.number("llama.block_count", m.layers)
	out.number("llama.feed_forward_length", m.forward())
	out.number("llama.attention.head_count", m.heads())
	out.number("llama.attention.head_count_kv", m.heads()/sharing)
	out.number("llama.rope.dimension_count", headWidth)
	out.number("llama.vocab_size", len(m.tokens))
	out.real("llama.attention.layer_norm_rms_epsilon", 1e-5)
	out.text("tokenizer.ggml.model", "llama")
	out.number("tokenizer.ggml.unknown_token_id", unknownToken)
	out.number("tokenizer.ggml.bos_token_id", beginToken)
	out.number("tokenizer.ggml.eos_token_id", endToken)
	out.text("tokenizer.chat_template", chatTemplate)
	m.tokenLists(&out)
	return out
}

func (m model) tokenLists(out *metadata) {
	out.array("tokenizer.ggml.tokens", kindString, len(m.tokens))
	for _, t := range m.tokens {
		out.bytes = appendString(out.bytes, t.text)
	}
	out.array("tokenizer.ggml.scores", kindFloat32, len(m.tokens))
	for _, t := range m.tokens {
		out.bytes = binary.LittleEndian.AppendUint32(out.bytes, math.Float32bits(t.score))
	}
	out.array("tokenizer.ggml.token_type", kindInt32, len(m.tokens))
	for _, t := range m.tokens {
		out.bytes = binary.LittleEndian.AppendUint32(out.bytes, uint32(t.class))
	}
}

// tensors lists the model's matrices, in the order of the file.
func (m model) tensors() []tensor {
	wide, narrow, forward := m.width, m.width/sharing, m.forward()
	matrix := func(name string, columns, rows int) tensor { return tensor{name, []int{columns, rows}, float16s} }
	norm := func(name string) tensor { return tensor{name, []int{wide}, float32s} }
	all := []tensor{
		matrix("token_embd.weight", wide, len(m.tokens)),
		norm("output_norm.weight"),
		matrix("output.weight", wide, len(m.tokens)),
	}
	for i := range m.layers {
		layer := fmt.Sprintf("blk.%d.", i)
		all = append(all,
			norm(layer+"attn_norm.weight"),
			matrix(layer+"attn_q.weight", wide, wide),
			matrix(layer+"attn_k.weight", wide, narrow),
			matrix(layer+"attn_v.weight", wide, narrow),
			matrix(layer+"attn_output.weight", wide, wide),
			norm(layer+"ffn_norm.weight"),
			matrix(layer+"ffn_gate.weight", wide, forward),
			matrix(layer+"ffn_up.weight", wide, forward),
			matrix(layer+"ffn_down.weight", forward, wide),
		)
	}
	return all
}

// write writes the model's file.
func (m model) write(w io.Writer) error {
	tensors, meta := m.tensors(), m.metadata()
	head := append([]byte(magic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(head[len(magic):], version)
	head = binary.LittleEndian.AppendUint64(head, uint64(len(tensors)))
	head = binary.LittleEndian.AppendUint64(head, meta.count)
	head = append(head, meta.bytes...)
	offset := 0
	for _, t := range tensors {
		head = t.appendInfo(head, offset)
		offset += t.size() + padding(t.size())
	}
	head = append(head, make([]byte, padding(len(head)))...)
	if _, err := w.Write(head); err != nil {
		return err
	}
	rnd := rand.New(rand.NewPCG(m.seed, 0))
	for _, t := range tensors {
		data := numbers(t, rnd)
		if _, err := w.Write(append(data, make([]byte, padding(len(data)))...)); err != nil {
			return err
		}
	}
	return nil
}

// numbers makes a tensor's numbers: a norm is all ones, and a weight has a
// random sign and, in the bits of a float16, a random mantissa to the power -5.
func numbers(t tensor, rnd *rand.Rand) []byte {
	data := make([]byte, 0, t.size()+alignment)
	if t.of == float32s {
		for len(data) < t.size() {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(1))
		}
		return data
	}
	const exponent, sign, mantissa = (15 - 5) << 10, 1 << 15, 1<<10 - 1
	for len(data) < t.size() {
		data = binary.LittleEndian.AppendUint16(data, exponent|uint16(rnd.Uint32())&(sign|mantissa))
	}
	return data
}
