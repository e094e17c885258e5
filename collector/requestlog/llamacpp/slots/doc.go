// Package slots follows the tasks of one llama-server from launch to release and
// makes requests of them. It has no idea of lines, stamps or runs: a format reads
// messages (package message), says when each was, and keeps one Table for each
// server process whose lines it can tell from those of others.
//
// A slot serves one task at a time, and a task is on one slot from its launch to
// its release. What a message says about a task is believed only if it fits: the
// task is in flight, on that slot; a timing is told once, for no longer than the
// task has run, and the parts add up.
//
// # The arithmetic of tokens
//
// The timing lines tell fresh prompt tokens and output tokens. n_tokens of the
// release line is one less than input, cached and output together, because the
// last token sampled is never decoded; so the cached tokens follow from it where
// no line tells them. They stay unknown when the context was truncated or a draft
// model took part, where that sum was not checked. A task without timing lines
// (cancelled) has counts if the prompt and the cached part were told; else only
// Context, and Reused, what the slot's cache held of the prompt when the slot was
// chosen.
package slots
