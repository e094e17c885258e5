package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sovmeter/sovmeter/exporter/cost/carbon"
	"github.com/sovmeter/sovmeter/exporter/cost/series"
	"github.com/sovmeter/sovmeter/exporter/cost/series/foreign"
)

// imported is what a call of import has done.
type imported struct {
	out    string
	head   series.Header
	series series.Series // all that is in out now
	change series.Change
	read   []readFile
}

// readFile is one file that was read.
type readFile struct {
	name   string
	result foreign.Result
}

func (i *seriesImport) run(stdin io.Reader, names []string) error {
	done := imported{out: i.out}
	for _, name := range names {
		file, err := i.read(stdin, name)
		if err != nil {
			return err
		}
		done.read = append(done.read, file)
	}
	if i.out != "-" {
		unlock, err := lockBeside(linked(i.out))
		if err != nil {
			return err
		}
		defer unlock()
	}
	if err := i.merge(&done); err != nil {
		return err
	}
	return i.finish(done)
}

// merge puts what was read over what is in the file to merge into.
func (i *seriesImport) merge(done *imported) error {
	before, err := i.before(&done.head)
	if err != nil {
		return err
	}
	var brought series.Series
	for _, file := range done.read {
		if err := done.joins(file); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
		if brought, err = series.Merge(brought, file.result.Series); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
	}
	if done.series, err = series.Merge(before, brought); err != nil {
		return err
	}
	done.change = series.Compare(before, brought)
	return nil
}

// finish writes what was read, and says it.
func (i *seriesImport) finish(done imported) error {
	if i.out == "-" {
		if err := series.Write(i.env.stdout, done.series, done.head); err != nil {
			return err
		}
		return done.print(i.env.stderr)
	}
	if done.change.New+done.change.Changed > 0 {
		if err := done.write(); err != nil {
			return err
		}
	}
	if i.asJSON {
		return done.printJSON(i.env.stdout)
	}
	return done.print(i.env.stdout)
}

// write writes the file to merge into, whole or not at all. A link stays one.
func (d imported) write() error {
	return writeWhole(linked(d.out), func(w io.Writer) error { return series.Write(w, d.series, d.head) })
}

// linked is the file that a link leads to, or path itself.
func linked(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return path
}

// before is what is in the file to merge into; nothing when there is none.
func (i *seriesImport) before(head *series.Header) (series.Series, error) {
	if i.out == "-" {
		return series.Series{}, nil
	}
	f, err := os.Open(i.out)
	if errors.Is(err, fs.ErrNotExist) {
		return series.Series{}, nil
	}
	if err != nil {
		return series.Series{}, fmt.Errorf("--out: %w", err)
	}
	defer f.Close()
	s, h, err := series.Read(f)
	if err != nil {
		return series.Series{}, &hintError{
			fmt.Errorf("--out %s: %w", i.out, err), "the file is there and is left as it is: name another one, or move it away",
		}
	}
	*head = h
	return s, nil
}

// read reads one file, or standard input.
func (i *seriesImport) read(stdin io.Reader, name string) (_ readFile, err error) {
	shown, r, size := "standard input", stdin, int64(0)
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return readFile{}, err
		}
		defer f.Close()
		shown, r, size = name, f, sizeOf(f)
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return readFile{}, fmt.Errorf("%s: is a folder, want a file", name)
		}
		if size > foreign.MaxBytes {
			return readFile{}, fmt.Errorf("%s: has %d bytes, %d are allowed: %w", name, size, foreign.MaxBytes, foreign.ErrTooLarge)
		}
	}
	p := newProgress(i.env.stderr, "reading "+shown, size)
	defer p.done()
	res, err := foreign.Import(p.reader(r, 0), i.options)
	if err == nil {
		err = i.usable(res)
	}
	if err != nil {
		return readFile{}, fmt.Errorf("%s: %w", shown, err)
	}
	return readFile{shown, res}, nil
}

// usable says whether what a file holds is what the command is for.
func (i *seriesImport) usable(r foreign.Result) error {
	q := r.Header.Quantity()
	if !wanted(i.wants, q) {
		command := "tariff"
		if q == series.Carbon {
			command = "carbon"
		}
		return &hintError{
			fmt.Errorf("holds %s in %s, want %s", q, r.Header.Unit, i.wants[0]), fmt.Sprintf("that is for: sovmeter %s import", command),
		}
	}
	if q == series.Carbon {
		_, err := carbon.NewSeries(r.Series, 0, nil, "")
		return err
	}
	return nil
}

func wanted(wants []series.Quantity, q series.Quantity) bool { return slices.Contains(wants, q) }

// joins takes the header of another file, which must be of the same kind: sums of
// prices with and without tax, or of two currencies, would be of nothing.
func (d *imported) joins(file readFile) error {
	h := file.result.Header
	if d.head == (series.Header{}) {
		d.head = h
		return nil
	}
	switch {
	case h.Unit != d.head.Unit:
		return &hintError{fmt.Errorf("is in %s, and what is there already in %s", h.Unit, d.head.Unit), "merge it into a file of its own, by another --out"}
	case h.VAT != d.head.VAT && h.VAT != series.VATUnknown && d.head.VAT != series.VATUnknown:
		return &hintError{fmt.Errorf("has VAT %s, and what is there already has it %s", h.VAT, d.head.VAT), "import both with --with-vat or both without, or merge it into a file of its own"}
	}
	for _, name := range strings.Split(h.Source, "; ") {
		if name != "" && !slices.Contains(strings.Split(d.head.Source, "; "), name) {
			d.head.Source = strings.TrimPrefix(d.head.Source+"; "+name, "; ")
		}
	}
	return nil
}
