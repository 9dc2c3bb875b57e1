package projections

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"iter"
	"strconv"

	"huisboek/events"
)

// Compare reads two stores in key order and names the first difference, in
// words; "" when there is none. Two stores at different positions differ. name
// makes a key readable ([KeyName] for the views); nil quotes it.
func Compare(a, b Store, name func(key []byte) string) (difference string, err error) {
	err = a.View(func(tx Tx, at events.Checkpoint) error {
		difference, err = CompareView(tx, at, b, name)
		return err
	})
	return difference, err
}

// CompareView is Compare with the state that one View of a gives.
func CompareView(a Tx, at events.Checkpoint, b Store, name func(key []byte) string) (difference string, err error) {
	if name == nil {
		name = func(key []byte) string { return strconv.QuoteToASCII(string(key)) }
	}
	err = b.View(func(tx Tx, bt events.Checkpoint) error {
		if at != bt {
			difference = fmt.Sprintf("one is at position %d (%s), the other at %d (%s)", at.Position, short(at.Hash), bt.Position, short(bt.Hash))
			return nil
		}
		difference = firstDifference(a, tx, name)
		return nil
	})
	return difference, err
}

func short(h events.Hash) string { return fmt.Sprintf("%x", h[:4]) }

func firstDifference(a, b Tx, name func([]byte) string) string {
	nextA, stopA := iter.Pull2(rows(a))
	defer stopA()
	nextB, stopB := iter.Pull2(rows(b))
	defer stopB()
	for {
		ka, va, okA := nextA()
		kb, vb, okB := nextB()
		order := bytes.Compare(ka, kb)
		switch {
		case !okA && !okB:
			return ""
		case !okB || okA && order < 0:
			return "only the first has: " + name(ka)
		case !okA || order > 0:
			return "only the second has: " + name(kb)
		case !bytes.Equal(va, vb):
			return "not the same in both: " + name(ka)
		}
	}
}

func rows(tx Tx) iter.Seq2[[]byte, []byte] {
	return func(yield func(k, v []byte) bool) { tx.Scan(nil, yield) }
}

// Dump writes a store's checkpoint and rows in key order, one to a line, keys and
// values quoted. Two dumps are equal exactly when the stores are.
func Dump(store Store, w io.Writer) error {
	return store.View(func(tx Tx, at events.Checkpoint) error {
		out := bufio.NewWriter(w)
		fmt.Fprintf(out, "position %d hash %x\n", at.Position, at.Hash[:])
		var line []byte
		var err error
		tx.Scan(nil, func(k, v []byte) bool {
			line = strconv.AppendQuote(line[:0], string(k))
			line = strconv.AppendQuote(append(line, ' '), string(v))
			_, err = out.Write(append(line, '\n'))
			return err == nil
		})
		if err != nil {
			return err
		}
		return out.Flush()
	})
}
