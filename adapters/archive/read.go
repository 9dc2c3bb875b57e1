package archive

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// Taker is given what is read. A nil function takes nothing.
type Taker struct {
	// File is given a part other than records, to read as far as it likes.
	File func(name string, size int64, r io.Reader) error
	// Record is given each record in its order; the bytes are its own.
	Record func(r *events.Record, stored []byte) error
}

// mostBytes is how large a part may be. What a book writes stays far below it; what
// somebody else made fills no memory and no disk.
func mostBytes(name string) int64 {
	switch name {
	case partManifest, partSums: // are read into memory
		return 16 << 20
	case PartIntake, PartReadLog: // have a bound, and never shrink
		return 4 << 30
	}
	return 1 << 30
}

// Read reads a records file to its end and checks everything in it. What it gave out
// is worth nothing when it returns an error; of the file, that wraps ErrDamaged.
func Read(r io.Reader, take Taker) (*Manifest, error) {
	in := &reading{tar: tar.NewReader(r), take: take, seen: map[string]bool{}}
	for in.done == "" {
		h, err := in.tar.Next()
		if err == io.EOF {
			return nil, damaged("it breaks off: the part %s is not there", partSums)
		}
		if err != nil {
			return nil, damaged("%w", err)
		}
		if err := in.part(h); err != nil {
			return nil, err
		}
	}
	if h, err := in.tar.Next(); err != io.EOF {
		if err != nil {
			return nil, damaged("after the last part: %w", err)
		}
		return nil, damaged("a part too many: %q", h.Name)
	}
	return &in.m, in.compare()
}

// reading is how far Read has come.
type reading struct {
	tar   *tar.Reader
	take  Taker
	chain Chain
	parts []Part // as they are
	seen  map[string]bool
	m     Manifest
	done  string // the sums, as they stand in the file
}

// part reads one part whole.
func (in *reading) part(h *tar.Header) error {
	p := Part{Name: h.Name, Size: h.Size}
	switch {
	case h.Typeflag != tar.TypeReg:
		return damaged("part %q is no file", h.Name)
	case h.Format != tar.FormatUSTAR || len(h.PAXRecords) > 0:
		return damaged("part %q is not written as this program writes it", h.Name) // its size may not be what it is on disk
	case h.Size > mostBytes(h.Name):
		return damaged("%s has %d bytes, and may have %d", h.Name, h.Size, mostBytes(h.Name))
	case in.seen[h.Name]:
		return damaged("part %q is there twice", h.Name)
	}
	in.seen[h.Name] = true
	sum := sha256.New()
	body := &noting{Reader: io.TeeReader(in.tar, sum)}
	err := in.content(&p, body)
	switch {
	case body.err != nil:
		return damaged("%s: %w", p.Name, body.err)
	case err != nil:
		return err
	}
	if _, rest := io.Copy(io.Discard, body); rest != nil {
		return damaged("%s: %w", p.Name, rest)
	}
	p.Sum = hex.EncodeToString(sum.Sum(nil))
	if p.Name != partSums {
		in.parts = append(in.parts, p)
	}
	return nil
}

// noting remembers that the file itself could not be read, whoever reads it.
type noting struct {
	io.Reader
	err error
}

func (n *noting) Read(b []byte) (int, error) {
	k, err := n.Reader.Read(b)
	if err != nil && err != io.EOF {
		n.err = err
	}
	return k, err
}

// taken is an error of the taker, which says nothing of the file.
type taken struct{ error }

func (t taken) Unwrap() error { return t.error }

func (in *reading) content(p *Part, body io.Reader) error {
	switch {
	case strings.HasPrefix(p.Name, recordsLead):
		err := in.records(p, body)
		if t := (taken{}); errors.As(err, &t) {
			return t.error
		}
		return err
	case p.Name == partManifest, p.Name == partSums:
		b, err := io.ReadAll(body)
		if err != nil {
			return damaged("%s: %w", p.Name, err)
		}
		if p.Name == partSums {
			in.done = string(b)
			if in.done == "" {
				return damaged("%s is empty", p.Name)
			}
			return nil
		}
		if err := json.Unmarshal(b, &in.m); err != nil {
			return damaged("%s: %w", p.Name, err)
		}
		if in.m.Format != Format {
			return fmt.Errorf("a backup of format %d, and this program knows %d: use a newer one", in.m.Format, Format)
		}
		return nil
	case in.take.File != nil:
		return in.take.File(p.Name, p.Size, body)
	}
	return nil
}

func (in *reading) records(p *Part, body io.Reader) error {
	z, err := gzip.NewReader(body)
	if err != nil {
		return damaged("%s: %w", p.Name, err)
	}
	p.From = in.chain.Tip.Position + 1
	lines := bufio.NewScanner(z)
	lines.Buffer(make([]byte, 64<<10), 4<<20)
	for lines.Scan() {
		if err := in.record(lines.Bytes()); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return damaged("%s, after position %d: %w", p.Name, in.chain.Tip.Position, err)
	}
	p.To = in.chain.Tip.Position
	return nil
}

func (in *reading) record(line []byte) error {
	stored, err := ParseLine(bytes.Clone(line))
	if err != nil {
		return damaged("position %d: %w", in.chain.Tip.Position+1, err)
	}
	r, err := in.chain.Add(stored)
	if err != nil {
		return err
	}
	if in.take.Record != nil {
		if err := in.take.Record(r, stored); err != nil {
			return taken{err}
		}
	}
	return nil
}

// compare holds what was read against the manifest and the sums.
func (in *reading) compare() error {
	if text := string(sums(in.parts)); text != in.done {
		return damaged("%s", firstDifference(text, in.done))
	}
	of := slices.IndexFunc(in.parts, func(p Part) bool { return p.Name == partManifest })
	if of != len(in.parts)-1 {
		return damaged("no manifest at the end")
	}
	if !slices.Equal(in.parts[:of], in.m.Parts) {
		return damaged("the parts are not those of its manifest")
	}
	for _, name := range []string{PartBook, PartAccess, PartIntake} {
		if !slices.ContainsFunc(in.parts, func(p Part) bool { return p.Name == name }) {
			return damaged("the part %s is not there", name)
		}
	}
	if want := (events.Checkpoint{Position: in.m.Position, Hash: in.m.Hash}); in.chain.Tip != want || in.chain.Book != in.m.Book {
		return damaged("the records end at position %d of book %s, and the manifest says %d of %s", in.chain.Tip.Position, in.chain.Book, want.Position, in.m.Book)
	}
	return nil
}

// firstDifference names the first part whose sum is not what it was.
func firstDifference(is, said string) string {
	a, b := strings.Split(is, "\n"), strings.Split(said, "\n")
	for i, line := range a {
		if i >= len(b) || b[i] != line {
			_, name, _ := strings.Cut(line, "  ")
			return fmt.Sprintf("part %q is not what %s says", name, partSums)
		}
	}
	return partSums + " names parts that are not there"
}
