package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/events"
)

// chunk is how many bytes of records go into one part, before gzip: it is kept in
// memory, because a tar says how long a part is before it begins.
var chunk = 8 << 20 // tests take less

// Writer writes a records file. It refuses what Read would refuse.
type Writer struct {
	tar   *tar.Writer
	m     Manifest
	chain Chain
	part  bytes.Buffer // the records of this part, gzipped
	gzip  *gzip.Writer
	size  int // before gzip
	from  events.Position
	line  []byte
}

// NewWriter begins a file that is what m says; Parts it fills in itself.
func NewWriter(w io.Writer, m Manifest) (*Writer, error) {
	m.Format, m.Parts = Format, nil
	a := &Writer{tar: tar.NewWriter(w), m: m, chain: Chain{Book: m.Book}}
	var err error
	if a.gzip, err = gzip.NewWriterLevel(&a.part, gzip.BestSpeed); err != nil {
		return nil, err
	}
	return a, a.File(partReadme, int64(len(readme)), bytes.NewReader([]byte(readme)))
}

// File adds a part of that many bytes.
func (a *Writer) File(name string, size int64, r io.Reader) error {
	return a.add(Part{Name: name, Size: size}, r)
}

func (a *Writer) add(p Part, r io.Reader) error {
	if most := mostBytes(p.Name); p.Size > most {
		return fmt.Errorf("%s has %d bytes, and may have %d", p.Name, p.Size, most)
	}
	err := a.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: p.Name, Size: p.Size, Mode: 0o600, ModTime: a.m.At, Format: tar.FormatUSTAR,
	})
	if err != nil {
		return err
	}
	sum := sha256.New()
	if n, err := io.Copy(io.MultiWriter(a.tar, sum), r); err != nil {
		return fmt.Errorf("%s, at byte %d of %d: %w", p.Name, n, p.Size, err)
	}
	if err := a.tar.Flush(); err != nil { // the part is shorter than was said
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	p.Sum = hex.EncodeToString(sum.Sum(nil))
	a.m.Parts = append(a.m.Parts, p)
	return nil
}

// Record adds the record at the next position, as it is stored.
func (a *Writer) Record(stored []byte) error {
	r, err := a.chain.Add(stored)
	if err != nil {
		return err
	}
	if a.size == 0 {
		a.from = r.Position
	}
	a.line = append(AppendLine(a.line[:0], stored), '\n')
	if _, err := a.gzip.Write(a.line); err != nil {
		return err
	}
	if a.size += len(a.line); a.size < chunk {
		return nil
	}
	return a.cut()
}

// cut ends the part that is under way.
func (a *Writer) cut() error {
	if a.size == 0 {
		return nil
	}
	if err := a.gzip.Close(); err != nil {
		return err
	}
	p := Part{Name: fmt.Sprintf("%s%012d.jsonl.gz", recordsLead, a.from), Size: int64(a.part.Len()), From: a.from, To: a.chain.Tip.Position}
	err := a.add(p, &a.part)
	a.part.Reset()
	a.gzip.Reset(&a.part)
	a.size = 0
	return err
}

// Close ends the file. It is an error when the records did not come to the position
// and hash that were said.
func (a *Writer) Close() (*Manifest, error) {
	if err := a.cut(); err != nil {
		return nil, err
	}
	if want := (events.Checkpoint{Position: a.m.Position, Hash: a.m.Hash}); a.chain.Tip != want {
		return nil, damaged("the records end at position %d with hash %s, and not at %d with %s", a.chain.Tip.Position, a.chain.Tip.Hash, want.Position, want.Hash)
	}
	m := a.m // its parts are those before it
	text, err := json.Marshal(&m, jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	text = append(text, '\n')
	if err := a.File(partManifest, int64(len(text)), bytes.NewReader(text)); err != nil {
		return nil, err
	}
	all := sums(a.m.Parts)
	if err := a.File(partSums, int64(len(all)), bytes.NewReader(all)); err != nil {
		return nil, err
	}
	return &m, a.tar.Close()
}
