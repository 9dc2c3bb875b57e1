package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// batchBytes is from how many bytes on a batch is sent, whatever its count.
	batchBytes = 4 << 20
	// longLine is how much of a line is kept: what is longer is refused in any case.
	longLine = 1 << 20
	// longValue is how far a value may go on where there are no lines.
	longValue = 16 << 20
)

// asWritten takes JSON as partners write it: what is wrong with it the ledger says.
var asWritten = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// input is what events are read from.
type input struct {
	name       string
	from       io.Reader
	closer     io.Closer // nil: nothing to close
	size       int64     // -1: it is not known
	most       int       // events in a batch
	named      bool      // it was said that every line is an event
	afterwards bool      // add achteraf=true

	at     mark // what was handed on
	number int  // of the last event that was read
	skip   int  // events at the beginning that were answered before, where there are no lines

	rest  *bufio.Reader // what was not read yet
	tally *tally
	made  []offered // the batch that is being made
	bytes int       // in it
}

// mark is a place in the input: behind so many bytes, lines and events.
type mark struct {
	Bytes  int64
	Lines  int
	Events int
	Lined  bool   // it can be read on from here
	Sum    string // of the bytes up to here
}

// offered is one event as it was read, or a line that holds none.
type offered struct {
	number int    // in the input, from 1
	line   int    // 0: not known
	raw    []byte // as it stands there
	cut    bool   // and that is not all of it
	send   []byte // what the book is offered
}

// batch is what is offered at once.
type batch struct {
	events []offered
	to     mark // behind the last of them
}

func namedLines(name string) bool {
	return strings.HasSuffix(name, ".jsonl") || strings.HasSuffix(name, ".ndjson")
}

func (in *input) close() error {
	if in.closer == nil {
		return nil
	}
	return in.closer.Close()
}

// each reads all events and hands them on in batches. Of what is no file, none is
// held back while the next is waited for.
func (in *input) each(fn func(batch) error) error {
	if in.tally == nil {
		in.tally = &tally{sum: sha256.New()}
	}
	in.tally.from = in.from
	var failed error // of fn, while reading
	hand := func() error {
		if failed == nil && len(in.made) > 0 {
			failed = fn(in.batch())
		}
		return failed
	}
	source := io.Reader(in.tally)
	if in.size < 0 {
		source = &beforeRead{in.tally, hand}
	}
	in.rest = bufio.NewReaderSize(source, longLine)
	err := in.read(hand)
	return errors.Join(hand(), err) // also of a file that breaks off
}

// batch is the one that was made, and begins the next.
func (in *input) batch() batch {
	in.at.Sum = in.tally.taken(in.at.Bytes)
	b := batch{in.made, in.at}
	in.made, in.bytes = nil, 0
	return b
}

func (in *input) read(hand func() error) error {
	if in.at.Bytes == 0 {
		if mark, err := in.rest.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
			in.rest.Discard(len(byteOrderMark))
			in.at.Bytes = int64(len(byteOrderMark))
		}
	}
	for lined := in.named || in.at.Lined; !lined; { // until the first line that is not empty
		line, err := in.rest.ReadSlice('\n')
		full := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !errors.Is(err, io.EOF) && !full {
			return err
		}
		empty := len(bytes.TrimSpace(line)) == 0
		if !empty && (full || !oneObject(line)) {
			return in.values(slices.Clone(line), hand)
		}
		if done, err := in.ofLine(line, int64(len(line)), err == nil, hand); done || err != nil {
			return err
		}
		lined = !empty
	}
	for {
		line, size, err := in.line(in.rest)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if done, err := in.ofLine(line, size, err == nil, hand); done || err != nil {
			return err
		}
	}
}

// byteOrderMark is what some programs begin a text with.
const byteOrderMark = "\xef\xbb\xbf"

// line reads a line with its end, of which it keeps what fits. The error is io.EOF
// for the last one when it has no end.
func (in *input) line(r *bufio.Reader) (line []byte, size int64, err error) {
	for {
		part, err := r.ReadSlice('\n')
		size += int64(len(part))
		if room := longLine - len(line); room > 0 {
			line = append(line, part[:min(room, len(part))]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, size, err
		}
	}
}

func oneObject(line []byte) bool {
	line = bytes.TrimSpace(line)
	return line[0] == '{' && jsontext.Value(line).IsValid(asWritten)
}

// ofLine takes what a line holds: an event, or several; what cannot be read goes to
// the book as it is, which says what is wrong with it. It is done when the line has
// no end. Such a line may be half of one: then the input is broken off. A list that
// begins here and ends elsewhere ends the lines, unless it was said that there are.
func (in *input) ofLine(line []byte, size int64, ended bool, hand func() error) (done bool, err error) {
	behind := mark{Bytes: in.at.Bytes + size, Lines: in.at.Lines + 1, Lined: true}
	cut := size > int64(len(line))
	text := bytes.TrimSpace(line)
	events := [][]byte{text}
	switch {
	case size == 0:
		return true, nil
	case len(text) == 0 || isExportFrame(text): // of an export only the events are events
		behind.Events = in.number
		in.at = behind
		return !ended, nil
	case cut || oneObject(text):
	case (!ended || text[0] == '[' && !in.named) && !jsontext.Value(text).IsValid(asWritten):
		return true, in.values(line, hand)
	default:
		var several [][]byte
		err := eachValue(bytes.NewReader(text), func(raw []byte, _ int64) error {
			several = append(several, slices.Clone(raw))
			return nil
		})
		if err == nil {
			events = several
		}
	}
	for i, raw := range events {
		if i == len(events)-1 {
			behind.Events = in.number + 1
			in.at = behind
		}
		if err := in.add(offered{line: behind.Lines, raw: slices.Clone(raw), cut: cut}, hand); err != nil {
			return true, err
		}
	}
	return !ended, nil
}

// values reads what is not in lines, beginning with what was read already.
func (in *input) values(begun []byte, hand func() error) error {
	start := in.at.Bytes
	limited := &boundedReader{from: io.MultiReader(bytes.NewReader(begun), in.rest), left: longValue}
	err := eachValue(limited, func(raw []byte, end int64) error {
		limited.left = longValue
		in.at = mark{Bytes: start + end, Events: in.number + 1}
		return in.add(offered{raw: slices.Clone(raw)}, hand)
	})
	if wrong := (*jsontext.SyntacticError)(nil); errors.As(err, &wrong) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w; what follows cannot be read (of a file with one event on each line it could)", err)
	}
	return err
}

func (in *input) add(e offered, hand func() error) error {
	in.number++
	if in.number <= in.skip {
		in.tally.pass(in.at.Bytes)
		return nil
	}
	e.number = in.number
	e.send = mended(e.raw)
	if in.afterwards {
		e.send = sayAfterwards(e.send)
	}
	in.made = append(in.made, e)
	if in.bytes += len(e.raw); len(in.made) < in.most && in.bytes < batchBytes {
		return nil
	}
	return hand()
}

// tally is the hash of what was handed on of a stream that is read ahead.
type tally struct {
	from    io.Reader
	sum     hash.Hash
	done    int64
	pending []byte // read, and not handed on
}

func (t *tally) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	t.pending = append(t.pending, p[:n]...)
	return n, err
}

// taken is the hash of the bytes up to a place.
func (t *tally) taken(to int64) string {
	t.pass(to)
	return hex.EncodeToString(t.sum.Sum(nil))
}

func (t *tally) pass(to int64) {
	n := to - t.done
	t.sum.Write(t.pending[:n])
	t.pending, t.done = t.pending[n:], to
}

// boundedReader ends when something goes on for too long.
type boundedReader struct {
	from io.Reader
	left int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a value of more than %d bytes", longValue)
	}
	n, err := b.from.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// beforeRead does something before each read, which may have to wait.
type beforeRead struct {
	io.Reader
	do func() error
}

func (b *beforeRead) Read(p []byte) (int, error) {
	if err := b.do(); err != nil {
		return 0, err
	}
	return b.Reader.Read(p)
}

// inBatches reads the events of a file, or of standard input, as JSON values one
// after the other, and hands them on, at most so many at once. None is held back
// while the next is waited for.
func inBatches(name string, stdin io.Reader, most int, fn func([][]byte) error) error {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	var all [][]byte
	size := 0
	hand := func() error {
		if len(all) == 0 {
			return nil
		}
		err := fn(all)
		all, size = nil, 0
		return err
	}
	var failed error // of hand, while reading
	before := &beforeRead{in, func() error { failed = hand(); return failed }}
	err := eachValue(bufio.NewReaderSize(before, longLine), func(raw []byte, _ int64) error {
		all = append(all, slices.Clone(raw))
		if size += len(raw); len(all) < most && size < batchBytes {
			return nil
		}
		return hand()
	})
	if failed != nil {
		return failed
	}
	return errors.Join(hand(), err) // also of a file that breaks off
}

// eachValue reads JSON values one after the other, and the entries of arrays, with
// where each ends. They go on as they were written: whether one is a proper event
// is for the ledger to say.
func eachValue(in io.Reader, fn func(raw []byte, end int64) error) error {
	d := jsontext.NewDecoder(in, asWritten)
	for {
		switch d.PeekKind() {
		case '[', ']':
			if _, err := d.ReadToken(); err != nil {
				return fmt.Errorf("not JSON: %w", err)
			}
			continue
		}
		raw, err := d.ReadValue()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		if err := fn(raw, d.InputOffset()); err != nil {
			return err
		}
	}
}

// sayAfterwards adds achteraf=true to an event that does not say whether it is old
// history, and leaves every other byte as it is.
func sayAfterwards(raw []byte) []byte {
	const word = `"achteraf":true`
	d := jsontext.NewDecoder(bytes.NewReader(raw), asWritten)
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return raw
	}
	begin, empty := d.InputOffset(), true
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil || name.String() == "achteraf" || d.SkipValue() != nil {
			return raw
		}
		empty = false
	}
	if d.PeekKind() != '}' || empty {
		return raw
	}
	return slices.Concat(raw[:begin], []byte(word+","), raw[begin:])
}
