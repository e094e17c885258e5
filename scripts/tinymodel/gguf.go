package main

import (
	"encoding/binary"
	"math"
)

// The file format's numbers.
const (
	magic     = "GGUF"
	version   = 3
	alignment = 32 // of the tensors, the default
)

// kind is the type of a value in the file's metadata.
type kind uint32

const (
	kindUint32  kind = 4
	kindInt32   kind = 5
	kindFloat32 kind = 6
	kindString  kind = 8
	kindArray   kind = 9
)

// encoding is the type of a tensor's numbers.
type encoding uint32

const (
	float32s encoding = 0
	float16s encoding = 1
)

// size is the size of one number, in bytes.
func (e encoding) size() int {
	if e == float16s {
		return 2
	}
	return 4
}

// metadata is the list of keys and values at the beginning of a file.
type metadata struct {
	count uint64
	bytes []byte
}

func (m *metadata) key(name string, k kind) {
	m.count++
	m.bytes = appendString(m.bytes, name)
	m.bytes = binary.LittleEndian.AppendUint32(m.bytes, uint32(k))
}

func (m *metadata) text(name, value string) {
	m.key(name, kindString)
	m.bytes = appendString(m.bytes, value)
}

func (m *metadata) number(name string, value int) {
	m.key(name, kindUint32)
	m.bytes = binary.LittleEndian.AppendUint32(m.bytes, uint32(value))
}

func (m *metadata) real(name string, value float32) {
	m.key(name, kindFloat32)
	m.bytes = binary.LittleEndian.AppendUint32(m.bytes, math.Float32bits(value))
}

func (m *metadata) array(name string, of kind, n int) {
	m.key(name, kindArray)
	m.bytes = binary.LittleEndian.AppendUint32(m.bytes, uint32(of))
	m.bytes = binary.LittleEndian.AppendUint64(m.bytes, uint64(n))
}

func appendString(b []byte, s string) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(len(s)))
	return append(b, s...)
}

// tensor is one matrix of the model, or one vector.
type tensor struct {
	name string
	dims []int // the one whose neighbours lie side by side comes first
	of   encoding
}

// size is the size of the tensor's numbers, in bytes.
func (t tensor) size() int {
	n := t.of.size()
	for _, d := range t.dims {
		n *= d
	}
	return n
}

// appendInfo appends the tensor's entry in the file's table.
func (t tensor) appendInfo(b []byte, offset int) []byte {
	b = appendString(b, t.name)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(t.dims)))
	for _, d := range t.dims {
		b = binary.LittleEndian.AppendUint64(b, uint64(d))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(t.of))
	return binary.LittleEndian.AppendUint64(b, uint64(offset))
}

// padding is how many bytes bring n to the next multiple of alignment.
func padding(n int) int { return (alignment - n%alignment) % alignment }
