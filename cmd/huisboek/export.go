package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/adapters/archive"
	"huisboek/events"
	"huisboek/ledger"
)

type exportWords struct {
	Out     string `json:"uit,omitempty"`    // a file, absolute; or
	Socket  string `json:"socket,omitempty"` // where who asked listens
	Partner string `json:"partner,omitempty"`
	Sealed  bool   `json:"verzegeld,omitzero"`
}

// The lines of an export that are no event have this member first.
const (
	frameHead   = "uitvoer" // the first line
	frameErased = "gewist"  // before a partner's event: what it lacks
	frameEnd    = "einde"   // the last line
)

// exportHead is the first line.
type exportHead struct {
	Frame       string              `json:"huisboek"` // frameHead
	Format      int                 `json:"formaat"`
	Book        string              `json:"boek"`
	Region      string              `json:"arbeidsmarktregio"`
	Incarnation string              `json:"uitvoering"`
	Partner     *ledger.PartnerName `json:"partner,omitempty"`
	Sealed      bool                `json:"verzegeld"`
	Position    events.Position     `json:"positie"`
	At          time.Time           `json:"op"`
}

// exportLine is one record, opened.
type exportLine struct {
	Position events.Position `json:"positie"`
	Hash     events.Hash     `json:"hash"`
	Previous events.Hash     `json:"vorige"`
	At       time.Time       `json:"op"`
	Partner  string          `json:"partner"`
	Verdict  events.Verdict  `json:"oordeel"`
	Erased   []string        `json:"gewist,omitempty"` // JSON pointers in data
	Event    jsontext.Value  `json:"gebeurtenis"`
}

// exportErased stands before a partner's event of which members were erased.
type exportErased struct {
	Frame    string          `json:"huisboek"` // frameErased
	Position events.Position `json:"positie"`
	Erased   []string        `json:"leden"`
}

// exportDone is the last line, and what the verb answers.
type exportDone struct {
	Frame    string          `json:"huisboek"` // frameEnd
	Count    int             `json:"aantal"`   // records
	Position events.Position `json:"positie"`
	Hash     events.Hash     `json:"hash"`
	Sum      string          `json:"sha256"` // of every line before this one
}

// export writes what is recorded, in lines of JSON.
func (h *house) export(ctx context.Context, q exportWords, progress reportFunc) (done *exportDone, err error) {
	x := &exporting{house: h, words: q, progress: progress}
	if q.Partner != "" {
		if x.partner, err = h.mustPartner(q.Partner); err != nil {
			return nil, err
		}
		if x.own, err = h.ledger.Own(x.partner.ID); err != nil {
			return nil, err
		}
	}
	if q.Socket != "" {
		c, err := dialPrivate(ctx, q.Socket)
		if err != nil {
			return nil, err
		}
		done, err := x.to(ctx, c)
		return done, errors.Join(err, c.Close())
	}
	if q.Out, err = outside(h.Dir, q.Out); err != nil {
		return nil, err
	}
	half, err := halfExport(filepath.Dir(q.Out), h.folder.Book)
	if err != nil {
		return nil, err
	}
	defer func() {
		gone := os.Remove(half.Name())
		if errors.Is(gone, fs.ErrNotExist) { // a file system without links: it was renamed
			gone = nil
		}
		err = errors.Join(err, gone, half.Close())
	}()
	if done, err = x.to(ctx, half); err != nil {
		return nil, err
	}
	if err := half.Sync(); err != nil {
		return nil, err
	}
	if err := linkNew(half.Name(), q.Out); err != nil {
		return nil, err
	}
	return done, syncFolder(filepath.Dir(q.Out))
}

// exportsBegin: of a book that is exported twice at once, neither takes the file of
// the other, which it has made and not locked yet, for one that was left.
var exportsBegin sync.Mutex

// halfExport makes the file (0600) in which an export grows, and removes those that
// killed exports of this book left: who writes one holds its lock.
func halfExport(dir, book string) (*os.File, error) {
	exportsBegin.Lock()
	defer exportsBegin.Unlock()
	name := ".huisboek-" + book + "-*.export"
	left, err := filepath.Glob(filepath.Join(globEscape(dir), name))
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			continue // gone meanwhile, or another user's
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			err = os.Remove(path)
		}
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
	}
	f, err := os.CreateTemp(dir, name)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close(), os.Remove(f.Name()))
	}
	return f, nil
}

// exporting is an export under way.
type exporting struct {
	*house
	words    exportWords
	progress reportFunc
	partner  *ledger.Partner // nil: everybody
	own      []string        // UUIDs: the partner's, and those of whom it goes on with
	w        *bufio.Writer
	sum      hash.Hash
	line     []byte
	done     exportDone
}

func (x *exporting) to(ctx context.Context, w io.Writer) (*exportDone, error) {
	x.w, x.sum = bufio.NewWriterSize(w, 1<<20), sha256.New()
	tip := x.ledger.Position()
	head := exportHead{
		Frame: frameHead, Format: 1, Book: x.folder.Book, Region: x.folder.Region, Incarnation: x.folder.incarnation(),
		Sealed: x.words.Sealed, Position: tip, At: x.Now().UTC().Truncate(time.Second),
	}
	if p := x.partner; p != nil {
		head.Partner = &ledger.PartnerName{ID: p.ID, Name: p.Name}
		if len(p.Identities) > 0 {
			head.Partner.URN = p.Identities[0]
		}
	}
	if err := x.put(&head); err != nil {
		return nil, err
	}
	x.progress("records", 0, uint64(tip))
	chain := archive.Chain{Book: x.folder.Book}
	err := x.stream.Read(ctx, 1, func(at events.Position, stored []byte) error {
		if at > tip {
			return errEnough
		}
		if at%1_000 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			x.progress("records", uint64(at), uint64(tip))
		}
		r, err := chain.Add(stored)
		if err != nil {
			return err
		}
		if x.partner != nil && (!slices.Contains(x.own, r.Partner) || !byPartners(r.Event.Type)) {
			return nil
		}
		x.done.Count++
		return x.record(ctx, r, stored)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	x.done.Frame, x.done.Position, x.done.Hash = frameEnd, chain.Tip.Position, chain.Tip.Hash
	x.done.Sum = hex.EncodeToString(x.sum.Sum(nil))
	if err := x.put(&x.done); err != nil {
		return nil, err
	}
	return &x.done, x.w.Flush()
}

// byPartners are the types that a partner may emit, and so may emit again.
func byPartners(t events.Type) bool {
	e := t.Emitter()
	return e == events.ByPartner || e == events.ByEither
}

// isExportFrame reports whether a value in a file of events is a line of an export
// that is no event: submit passes these over.
func isExportFrame(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte(`{"huisboek":`)) && !bytes.Contains(raw, []byte(`"specversion":`))
}

// record writes one record, sealed or opened.
func (x *exporting) record(ctx context.Context, r *events.Record, stored []byte) error {
	if x.words.Sealed {
		x.line = append(archive.AppendLine(x.line[:0], stored), '\n')
		return x.raw(x.line)
	}
	event, erased, err := x.opened(ctx, r)
	if err != nil {
		return err
	}
	if x.partner == nil {
		return x.put(&exportLine{r.Position, r.Hash, r.Previous, r.At, r.Partner, r.Verdict, erased, event})
	}
	if len(erased) > 0 {
		if err := x.put(&exportErased{frameErased, r.Position, erased}); err != nil {
			return err
		}
	}
	x.line = append(append(x.line[:0], event...), '\n')
	return x.raw(x.line)
}

// opened is the event of a record with its personal members in the clear. Those whose
// keys were erased are null, which is the same as absent, and are named.
func (x *exporting) opened(ctx context.Context, r *events.Record) (event []byte, erased []string, err error) {
	members := r.Event.PersonalMembers()
	plain := make(map[string][]byte, len(members))
	for _, m := range members {
		if m.Seal == nil {
			continue
		}
		p, err := x.ledger.Unseal(ctx, r.Event.Source, r.Event.ID, m.Path, *m.Seal)
		switch {
		case errors.Is(err, ledger.ErrErased):
			erased = append(erased, "/data"+m.Path)
			p = []byte("null")
		case err != nil:
			return nil, nil, fmt.Errorf("position %d: %w", r.Position, err)
		}
		plain[m.Path] = p
	}
	return r.Event.Splice(plain), erased, nil
}

func (x *exporting) put(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return x.raw(append(b, '\n'))
}

func (x *exporting) raw(line []byte) error {
	x.sum.Write(line)
	_, err := x.w.Write(line)
	return err
}
