package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/events"
	"huisboek/ledger"
)

const refusedSuffix = ".geweigerd.jsonl"

// refusedFile keeps what was refused, for its owner only: it holds what the events
// hold. One that is there already is never written over, as somebody may be
// mending it.
type refusedFile struct {
	path     string
	numbered bool // another name when there is one of this name
	first    string
	changed  string // the file of a run that was broken off, when somebody else wrote to it

	file *os.File
	out  *bufio.Writer
	size int64
}

// refusedLine is the first member of a line of it; beside it stands the event as
// melding, or as tekst when it is no JSON.
type refusedLine struct {
	File    string        `json:"bestand"`
	Line    int           `json:"regel,omitzero"`
	Number  int           `json:"nummer"`
	Source  string        `json:"source,omitempty"`
	ID      string        `json:"id,omitempty"`
	Type    events.Type   `json:"type,omitempty"`
	Status  int           `json:"status"`
	Problem string        `json:"probleem"`
	Faults  events.Faults `json:"fouten"`
	// Of a plan that the agreement refuses: why, and whom to call.
	Reasons []ledger.Reason `json:"redenen,omitempty"`
	Call    *ledger.Call    `json:"bel,omitempty"`
}

const (
	refusedHead  = `{"geweigerd":`
	refusedEvent = "melding"
	refusedText  = "tekst"
)

// refuse keeps an event that was refused.
func (r *fileRun) refuse(e offered, p ledger.Problem) error {
	f := r.refused
	if f.path == "" {
		return nil
	}
	if err := f.open(); err != nil {
		return err
	}
	label := events.LabelOf(e.send)
	why := refusedLine{
		File: r.File, Line: e.line, Number: e.number, Source: label.Source, ID: label.ID, Type: label.Type,
		Status: p.Status, Problem: problemWord(p), Faults: p.Faults, Reasons: reasonsOf(p),
	}
	if p.Receipt != nil {
		why.Call = p.Receipt.Call
	}
	head, err := json.Marshal(why)
	if err != nil {
		return err
	}
	line := append([]byte(refusedHead), head...)
	raw := jsontext.Value(mended(e.raw))
	switch {
	case e.cut: // it stands in the input only
	case raw.IsValid(asWritten):
		if bytes.ContainsAny(raw, "\r\n") {
			raw = raw.Clone()
			if err := raw.Compact(asWritten); err != nil {
				return err
			}
		}
		line = append(append(line, `,"`+refusedEvent+`":`...), raw...)
	default:
		line = append(line, `,"`+refusedText+`":`...)
		if line, err = jsontext.AppendQuote(line, strings.ToValidUTF8(string(raw), "\uFFFD")); err != nil {
			return err
		}
	}
	n, err := f.out.Write(append(line, "}\n"...))
	f.size += int64(n)
	return err
}

// mended is the event in a line of a file of refused ones; any other is given as
// it is.
func mended(raw []byte) []byte {
	if !bytes.HasPrefix(raw, []byte(refusedHead)) {
		return raw
	}
	var line struct {
		Event jsontext.Value `json:"melding"`
		Text  *string        `json:"tekst"`
	}
	switch err := json.Unmarshal(raw, &line, asWritten); {
	case err != nil:
		return raw
	case line.Event != nil:
		return line.Event
	case line.Text != nil:
		return []byte(*line.Text)
	}
	return raw
}

func (f *refusedFile) began() bool { return f.file != nil }

// open makes the file, under a name that is free.
func (f *refusedFile) open() (err error) {
	if f.file != nil {
		return nil
	}
	f.first = f.path
	for n := 2; ; n++ {
		f.file, err = os.OpenFile(f.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if !errors.Is(err, fs.ErrExist) || !f.numbered {
			break
		}
		f.path = fmt.Sprintf("%s.%d.jsonl", strings.TrimSuffix(f.first, ".jsonl"), n)
	}
	if err != nil {
		f.file = nil
		return err
	}
	f.out = bufio.NewWriter(f.file)
	return syncFolder(filepath.Dir(f.path))
}

// resume goes on with the file of a run that was broken off. Of one that has grown
// since, nothing says whether that run was killed or somebody is mending what stands
// in it: it stays as it is, and what is refused again goes to a new file.
func (f *refusedFile) resume(path string, size int64) error {
	if size == 0 {
		return nil
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the refused events of the run that was broken off: %w; --restart begins again", err)
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return errors.Join(err, file.Close())
	case info.Size() < size:
		file.Close()
		return fmt.Errorf("%s is shorter than it was; --restart begins again", path)
	case info.Size() > size:
		f.path, f.numbered, f.changed = path, true, path
		return file.Close()
	}
	if _, err := file.Seek(size, io.SeekStart); err != nil {
		return errors.Join(err, file.Close())
	}
	f.path, f.first, f.file, f.out, f.size = path, path, file, bufio.NewWriter(file), size
	return nil
}

func (f *refusedFile) sync() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.out.Flush(), f.file.Sync())
}

func (f *refusedFile) close() error {
	if f.file == nil {
		return nil
	}
	return errors.Join(f.sync(), f.file.Close())
}

// once removes the file when the one of an earlier run says just the same.
func (f *refusedFile) once() error {
	if f.file == nil || f.path == f.first {
		return nil
	}
	same, err := sameContent(f.path, f.first)
	if err != nil || !same {
		return err
	}
	path := f.path
	f.path = f.first
	return os.Remove(path)
}

func sameContent(a, b string) (bool, error) {
	var files [2]*bufio.Reader
	for i, path := range []string{a, b} {
		f, err := os.Open(path)
		if err != nil {
			return false, err
		}
		defer f.Close()
		files[i] = bufio.NewReader(f)
	}
	for {
		x, errX := files[0].ReadByte()
		y, errY := files[1].ReadByte()
		switch {
		case errX == io.EOF && errY == io.EOF:
			return true, nil
		case errX == io.EOF || errY == io.EOF || x != y && errX == nil && errY == nil:
			return false, nil
		case errX != nil || errY != nil:
			return false, errors.Join(errX, errY)
		}
	}
}
