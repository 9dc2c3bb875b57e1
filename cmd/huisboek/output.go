package main

import (
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/term"
)

// printJSON prints one value, indented, with a newline.
func printJSON(w io.Writer, v any) error {
	if err := json.MarshalWrite(w, v, jsontext.WithIndent("  ")); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// printLine prints one value on one line.
func printLine(w io.Writer, v any) error {
	if err := json.MarshalWrite(w, v); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// progress shows how far long work has come, on one line that is written over.
// Without a writer it says nothing.
type progress struct {
	w     io.Writer
	shown bool
}

func (p *progress) show(what string, done, total uint64) {
	if p.w == nil || total == 0 {
		return
	}
	p.shown = true
	fmt.Fprintf(p.w, "\r%s: %d of %d (%d %%)   ", what, done, total, done*100/total)
}

func (p *progress) end() {
	if p.shown {
		fmt.Fprintln(p.w)
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func table(w io.Writer, rows func(io.Writer)) {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	rows(t)
	t.Flush()
}
