package vllm

import "github.com/sovmeter/sovmeter/collector/requestlog/linescan"

// kind is which message of the allow-list a line is.
type kind uint8

const (
	none      kind = iota
	broken         // on the allow-list by its beginning, but not understood
	begun          // a run of the server begins
	options        // what it was started with
	loading        // a model load begins
	loaded         // it ends
	received       // a request has come; flag: it asks for one completion
	added          // the engine has taken it
	delta          // n tokens of it were streamed
	generated      // it has ended; n tokens
	finished       // it has ended
	failed         // it has failed
	aborted        // its client has gone
	answered       // uvicorn answers an inference request; n is the status
	stats          // n requests run or wait; see throughput
)

// message is what a line says.
type message struct {
	kind kind
	ids  []uint64 // of requests: hashes, ids may be chosen by clients
	n    int64
	// known: n is told, where a message may leave it out.
	known bool
	flag  bool
	// prompt and output: tokens were read and written since the last stats.
	prompt, output bool
	engine         int64
	text           string // model id
	noStats        bool   // options: no stats are logged
	noIDs          bool   // options: logged token lists are cut short
	outputs        bool   // options: answers are logged
	noAccess       bool   // options: uvicorn logs no answers
}

func (m message) as(k kind, s scanner) message {
	if s.Bad {
		return message{kind: broken}
	}
	m.kind = k
	return m
}

// read recognises the messages of the allow-list.
func (d dressed) read() message {
	s := scanner{linescan.Scanner{Rest: d.msg}}
	if d.uvicorn {
		return readUvicorn(s)
	}
	if len(d.msg) == 0 {
		return message{}
	}
	switch d.msg[0] {
	case 'R', 'A', 'G', 'F', 'E', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return readRequest(s)
	case 'v', 'n', 'I', 'S', 'i':
		return readLife(s)
	}
	return message{}
}
