package archive

import (
	"bytes"
	"errors"
	"fmt"

	"huisboek/events"
)

// ErrDamaged: the file is not what was written, or not all of it.
var ErrDamaged = errors.New("backup is damaged")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}

// Chain checks records one after the other, from the genesis on. The zero value is
// before the first.
type Chain struct {
	Book string // "": whatever the first record says
	Tip  events.Checkpoint
}

// Add decodes the next record, of which it keeps the bytes.
func (c *Chain) Add(stored []byte) (*events.Record, error) {
	at := c.Tip.Position + 1
	r, err := events.DecodeRecord(stored)
	switch {
	case err != nil:
		return nil, damaged("position %d: %w", at, err)
	case r.Position != at:
		return nil, damaged("position %d: the record there says it is position %d", at, r.Position)
	case r.Previous != c.Tip.Hash:
		return nil, damaged("position %d: its chain is broken: it follows a record with hash %s, and the one before it has %s", at, r.Previous, c.Tip.Hash)
	case c.Book != "" && r.Book != c.Book:
		return nil, damaged("position %d: a record of book %s, not of %s", at, r.Book, c.Book)
	}
	if at == 1 {
		opened, ok := r.Event.Data.(*events.BookOpened)
		if !ok || opened.Book != r.Book {
			return nil, damaged("position 1 does not open book %s", r.Book)
		}
	}
	c.Book, c.Tip = r.Book, r.Checkpoint()
	return r, nil
}

// The line of a record: its hash, and the bytes as they are stored.
const (
	lineHead  = `{"hash":"`
	lineMid   = `","record":`
	lineTail  = `}`
	hashChars = 43
	lineFixed = len(lineHead) + hashChars + len(lineMid)
)

// AppendLine appends the line of a record, without a newline. Stored bytes never hold one.
func AppendLine(b, stored []byte) []byte {
	b = append(append(append(b, lineHead...), events.HashOf(stored).String()...), lineMid...)
	return append(append(b, stored...), lineTail...)
}

// ParseLine gives the stored bytes in a line, after comparing them with its hash.
func ParseLine(line []byte) ([]byte, error) {
	if len(line) < lineFixed+len(lineTail) || !bytes.HasPrefix(line, []byte(lineHead)) ||
		!bytes.Equal(line[lineFixed-len(lineMid):lineFixed], []byte(lineMid)) || !bytes.HasSuffix(line, []byte(lineTail)) {
		return nil, errors.New("not a line with a record")
	}
	stored := line[lineFixed : len(line)-len(lineTail)]
	if said, is := string(line[len(lineHead):len(lineHead)+hashChars]), events.HashOf(stored).String(); said != is {
		return nil, fmt.Errorf("the record has hash %s, and its line says %s", is, said)
	}
	return stored, nil
}
