// Command tinymodel writes a language model that knows nothing: random weights
// and a vocabulary of syllables, in a file of a few megabytes that llama-server
// loads in an instant. It answers gibberish at real speed, through the same code
// as any other model, which is all that a test of a meter needs.
//
//	go run ./scripts/tinymodel -o tiny.gguf
//
// The same options give the same file, to the byte. The model is of the llama
// architecture with 16-bit weights, and its tokenizer of the SPM kind with a
// token for each byte, so any prompt can be put to it.
//
// # Limits
//
// The weights are made for nothing but variety of the output: their absolute
// values lie between 1/32 and 1/16, and the next token is nearly as likely to be
// any other. What the file holds is as ggml's docs/gguf.md has it, version 3.
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "tinymodel:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("tinymodel", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var s shape
	out := flags.String("o", "tiny.gguf", "the file to write")
	seed := flags.Uint64("seed", 1, "of the weights")
	flags.IntVar(&s.width, "width", 256, "of the embeddings, in numbers; a multiple of 64")
	flags.IntVar(&s.layers, "layers", 4, "how many layers")
	flags.IntVar(&s.context, "context", 8192, "the longest context, in tokens")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := s.check(); err != nil {
		return err
	}
	return writeFile(*out, newModel(s, *seed))
}

func writeFile(path string, m model) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	err = m.write(w)
	if err = errors.Join(err, w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
