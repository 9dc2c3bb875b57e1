package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/adapters/client"
)

const (
	stateSuffix = ".voortgang"
	// wholeAgain is up to what size a file is simply submitted again as a whole.
	wholeAgain = 256 << 10
	// It is written down how far a file is after so long, or so many events.
	keepEvery  = time.Second
	keepEvents = 2_000
)

// state is how far the submission of a file has come, beside that file. It holds
// nothing of what the file says. The hash is of all that was answered: a file that
// only grew goes on, one that was changed there begins again.
type state struct {
	About        string           `json:"wat"`
	Book         string           `json:"boek"`
	Restored     *client.Restored `json:"hersteld"` // the last time that book was put back from a backup
	Bytes        int64            `json:"bytes"`
	Lines        int              `json:"regels"`
	Events       int              `json:"gebeurtenissen"`
	Sum          string           `json:"sha256"`
	Lined        bool             `json:"regelsgewijs"`
	Afterwards   bool             `json:"achteraf"`
	counts                        // up to there
	RefusedFile  string           `json:"geweigerdBestand"`
	RefusedBytes int64            `json:"geweigerdBytes"`

	path    string
	written time.Time
	of      int  // events that were written down
	there   bool // the file
}

const aboutState = "Hoever huisboek submit met dit bestand is. Weggooien mag: dan wordt alles opnieuw aangeboden, en niets telt dubbel."

// resume finds out whether an earlier run was broken off, and goes on from there.
func (r *fileRun) resume(ctx context.Context) error {
	book, err := r.way.whichBook(ctx)
	if rebuilding(err) {
		r.stale = r.in.name + stateSuffix
		fmt.Fprintf(r.errOut, "huisboek: %s: begins at the first event, and where it is broken off is not written down: the book makes its views anew and cannot say now which book it is\n", r.in.name)
		return nil
	}
	if err != nil {
		return err
	}
	r.state = &state{About: aboutState, Book: book.ID, Restored: book.Restored, Afterwards: r.afterwards, path: r.in.name + stateSuffix, written: time.Now()}
	text, err := os.ReadFile(r.state.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r.state.there = true
	var before state
	if json.Unmarshal(text, &before) != nil {
		return r.anew("what is written down cannot be read")
	}
	f := r.in.from.(io.ReadSeeker)
	sum := sha256.New()
	read, err := io.CopyN(sum, f, before.Bytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case r.restart:
		return r.anew("--restart")
	case before.Book != book.ID:
		return r.anew("that was for another book")
	case !book.Restored.Same(before.Restored):
		return r.anew("the book was put back from a backup since: everything is offered again, nothing counts twice")
	case read < before.Bytes || hex.EncodeToString(sum.Sum(nil)) != before.Sum:
		return r.anew("the file is not what it was")
	case before.Afterwards != r.afterwards:
		return usageError("--afterwards was not the same in the run that was broken off: an event that was recorded keeps what it said. Give the same, or --restart")
	}
	fmt.Fprintf(r.errOut, "huisboek: %s: goes on after event %d, where an earlier run was broken off\n", r.in.name, before.Events)
	if err := r.refused.resume(before.RefusedFile, before.RefusedBytes); err != nil {
		return err
	}
	if r.RefusedBefore = r.refused.changed; r.RefusedBefore != "" {
		fmt.Fprintf(r.errOut, "huisboek: %s has changed since, and stays as it is: what is refused from here on is kept in a new file\n", r.RefusedBefore)
	}
	r.counts, r.Resumed, r.number = before.counts, before.Events, before.Events
	if r.counts.Codes == nil {
		r.counts.Codes = map[string]int{}
	}
	r.from = mark{Bytes: before.Bytes, Lines: before.Lines, Events: before.Events, Lined: before.Lined}
	if !before.Lined { // in the middle of a list nothing can be read: from the beginning again
		r.in.skip = before.Events
		_, err := f.Seek(0, io.SeekStart)
		return err
	}
	r.in.at, r.in.number = r.from, before.Events
	r.in.tally = &tally{sum: sum, done: before.Bytes}
	return nil
}

func (r *fileRun) anew(why string) error {
	fmt.Fprintf(r.errOut, "huisboek: %s: begins at the first event and not where an earlier run was broken off: %s\n", r.in.name, why)
	_, err := r.in.from.(io.Seeker).Seek(0, io.SeekStart)
	return err
}

// keep writes down how far the file is, now and then.
func (r *fileRun) keep(to mark) error {
	s := r.state
	if s == nil {
		return nil
	}
	s.Bytes, s.Lines, s.Events, s.Sum, s.Lined = to.Bytes, to.Lines, to.Events, to.Sum, to.Lined
	s.counts = r.counts.clone()
	s.RefusedFile, s.RefusedBytes = r.refused.path, r.refused.size
	if time.Since(s.written) < keepEvery && s.Events-s.of < keepEvents {
		return nil
	}
	return r.write()
}

func (r *fileRun) write() error {
	if err := r.refused.sync(); err != nil {
		return err
	}
	text, err := json.Marshal(r.state, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	r.state.there, r.state.written, r.state.of = true, time.Now(), r.state.Events
	return writeFile(r.state.path, append(text, '\n'))
}

// leave writes down how far the file came when it was broken off.
func (r *fileRun) leave() error {
	s := r.state
	if s == nil || s.Events == 0 {
		return nil
	}
	if err := r.write(); err != nil {
		return err
	}
	fmt.Fprintf(r.errOut, "huisboek: %s: broken off after event %d; the same command goes on from there\n", r.in.name, s.Events)
	return nil
}

// finish removes what was written down of a file that was submitted as a whole.
func (r *fileRun) finish() error {
	path := r.stale
	if r.state != nil && r.state.there {
		path = r.state.path
	}
	if path == "" {
		return nil
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
