package main

import "fmt"

// The tokens with a meaning of their own.
const (
	unknownToken = iota
	beginToken
	endToken
)

// space is what stands for a space in a vocabulary of this kind.
const space = "\u2581"

// chatTemplate is how a conversation becomes a prompt.
const chatTemplate = `{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}
{% endfor %}assistant:`

// class is what kind of token one is.
type class uint32

const (
	normal  class = 1
	unknown class = 2
	control class = 3
	single  class = 6 // stands for one byte
)

// token is one entry of a vocabulary. Of the tokens that two neighbours in a
// text could be joined to, the one with the highest score is taken.
type token struct {
	text  string
	score float32
	class class
}

// vocabulary is the tokens with a meaning, one for each byte, and letters and
// syllables with and without a space before them. The order is that of the ids.
func vocabulary() []token {
	all := []token{{"<unk>", 0, unknown}, {"<s>", 0, control}, {"</s>", 0, control}}
	for b := range 256 {
		all = append(all, token{fmt.Sprintf("<0x%02X>", b), 0, single})
	}
	var score float32
	add := func(text string) {
		all = append(all, token{text, score, normal})
		score--
	}
	add(space)
	for c := '!'; c <= '~'; c++ {
		add(string(c))
	}
	// A syllable is made of two letters that are tokens, and so on: no longer
	// token can be reached but by shorter ones.
	for _, consonant := range "bcdfghjklmnprstvwyz" {
		for _, vowel := range "aeiou" {
			add(string(consonant) + string(vowel))
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		add(space + string(c))
	}
	for _, consonant := range "bcdfghjklmnprstvwyz" {
		for _, vowel := range "aeiou" {
			add(space + string(consonant) + string(vowel))
		}
	}
	return all
}
