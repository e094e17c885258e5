package vllm

import (
	"bytes"
	"hash/fnv"
)

// of sets the request that a message is of. The front end, the engine and its
// children name one request differently: 0_cmpl-X-1-89abcdef is the first
// sample of the second prompt of the HTTP request X, with eight random digits
// that newer engines add. All but X is taken off; whether the last eight are
// X's own shows only by which request is known, so both are kept.
func (m message) of(id []byte) message {
	if i := bytes.IndexByte(id, '_'); i > 0 && len(bytes.Trim(id[:i], "0123456789")) == 0 {
		id = id[i+1:]
	}
	m.ids = append(m.ids, hashID(withoutPrompt(id)))
	if n := len(id) - 9; n > 0 && id[n] == '-' && len(bytes.Trim(id[n+1:], "0123456789abcdef")) == 0 {
		m.ids = append(m.ids, hashID(withoutPrompt(id[:n])))
	}
	return m
}

// withoutPrompt takes the prompt's number off the ids that have one.
func withoutPrompt(id []byte) []byte {
	for _, kind := range []string{"cmpl-", "embd-", "pool-", "score-", "rerank-", "classify-"} {
		if !bytes.HasPrefix(id, []byte(kind)) {
			continue
		}
		if i := bytes.LastIndexByte(id, '-'); i >= len(kind) && len(id)-i <= 5 && len(bytes.Trim(id[i+1:], "0123456789")) == 0 {
			return id[:i]
		}
	}
	return id
}

// hashID stands for a request's id: clients may choose ids, so they are text.
func hashID(id []byte) uint64 {
	h := fnv.New64a()
	h.Write(id) //nolint:errcheck // a hash never fails
	return h.Sum64()
}
