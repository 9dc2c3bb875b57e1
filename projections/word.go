package projections

import (
	"encoding/binary"
	"fmt"
	"time"

	"huisboek/events"
)

// word is one thing that the steward said of a partner: an admission or a departure.
type word struct {
	position             events.Position // its key's, not in the row
	at                   time.Time
	from                 events.Date
	departed             bool
	identities           []string
	name, kind           string
	gemeenten, postcodes []string
	subregion            string
	regions              []string
}

func wordKey(partner string, p events.Position) []byte {
	return binary.BigEndian.AppendUint64(partnerPrefix(rowMember, partner), uint64(p))
}

func (w *word) encode() []byte {
	e := make(encoder, 0, 256)
	e.bool(w.departed)
	e.time(w.at)
	e.date(w.from)
	if !w.departed {
		e.texts(w.identities)
		e.text(w.name)
		e.text(w.kind)
		e.texts(w.gemeenten)
		e.texts(w.postcodes)
		e.text(w.subregion)
		e.texts(w.regions)
	}
	return e
}

func decodeWord(position, row []byte) (w word, err error) {
	if len(position) != 8 {
		return w, ErrRow
	}
	d := decode(row)
	w = word{position: events.Position(binary.BigEndian.Uint64(position)), departed: d.bool(), at: d.time(), from: d.date()}
	if !w.departed {
		w.identities, w.name, w.kind = d.texts(), d.text(), d.text()
		w.gemeenten, w.postcodes, w.subregion, w.regions = d.texts(), d.texts(), d.text(), d.texts()
	}
	return w, d.err()
}

// wordsOf is what was said of a partner, in the order in which it was.
func wordsOf(tx Tx, partner string) (words []word, err error) {
	prefix := partnerPrefix(rowMember, partner)
	tx.Scan(prefix, func(k, v []byte) bool {
		var w word
		if w, err = decodeWord(k[len(prefix):], v); err != nil {
			err = fmt.Errorf("partner %s: %w", partner, err)
			return false
		}
		words = append(words, w)
		return true
	})
	return words, err
}
