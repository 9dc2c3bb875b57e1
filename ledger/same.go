package ledger

import (
	"slices"

	"huisboek/events"
)

// The reasons of what is said of two reports of a placement. The views read there what
// counts from that position on.
const (
	ReasonSameHolds      = "gelijkstelling-geldt" // the two count as one
	ReasonSameWaits      = "gelijkstelling-wacht" // the two count as two until the other says so too
	ReasonDistinctHolds  = "onderscheid-geldt"    // the two count as two
	ReasonStewardDecided = "regisseur-besliste"   // the steward said otherwise, and that goes on counting
)

// rowPair is what was said of two placements: 'P' low8 high8 -> pairRow, by the first
// report of each.
const rowPair = 'P'

// pairRow is the last word of everybody who spoke of a pair.
type pairRow struct {
	Words []pairWord `json:"w"`
}

// pairWord is what one said last; of the steward Partner is the book's own UUID.
type pairWord struct {
	Partner  string          `json:"p"`
	Position events.Position `json:"n"` // 0 is what is being said now
	Same     bool            `json:"s,omitempty"`
}

func pairKey(a, b events.Position) []byte {
	return keyOf(rowPair, u64(uint64(min(a, b))), u64(uint64(max(a, b))))
}

// say is the row with one more word: of each speaker only the last is kept, and the
// newest comes last.
func (p *pairRow) say(w pairWord) {
	p.Words = slices.DeleteFunc(p.Words, func(o pairWord) bool { return o.Partner == w.Partner })
	p.Words = append(p.Words, w)
}

// last is the last word of those who may speak, or nil.
func (p *pairRow) last(may func(partner string) bool) *pairWord {
	for i := len(p.Words) - 1; i >= 0; i-- {
		if may(p.Words[i].Partner) {
			return &p.Words[i]
		}
	}
	return nil
}

// counts is what counts of a pair whose placements are of two partners, after the last
// word in it: the steward's last word; without one that they are the same when both
// sides said so last, and that they are two when either said that.
func (p *pairRow) counts(h heirs, book, one, two string) string {
	now := p.Words[len(p.Words)-1]
	if steward := p.last(func(by string) bool { return by == book }); steward != nil {
		switch {
		case steward.Same != now.Same:
			return ReasonStewardDecided
		case now.Same:
			return ReasonSameHolds
		}
		return ReasonDistinctHolds
	}
	if !now.Same {
		return ReasonDistinctHolds
	}
	for _, side := range []string{one, two} {
		w := p.last(func(by string) bool { return slices.Contains(h.own(by), side) })
		if w == nil || !w.Same {
			return ReasonSameWaits
		}
	}
	return ReasonSameHolds
}

// paired: the steward, or a partner that reported one of the two, says whether two
// reports are of one placement. Whoever goes on with a partner's work speaks for it;
// for both, when it does so for both.
func (d *decision) paired(tx Tx, steward bool, book string, placement, with *events.Ref, same bool) error {
	one, err := d.reportOf(tx, "/data/plaatsing", steward, placement)
	if err != nil {
		return err
	}
	two, err := d.reportOf(tx, "/data/met", steward, with)
	if err != nil || one == nil || two == nil {
		return err
	}
	switch {
	case !steward && !slices.Contains(d.own, one.Partner) && !slices.Contains(d.own, two.Partner):
		d.fail("/data", "niet-betrokken")
		return nil
	case one.Partner == two.Partner:
		d.fail("/data/met", "zelfde-melder")
		return nil
	}
	var row pairRow
	if _, err := getRow(tx, pairKey(one.Root, two.Root), &row); err != nil {
		return err
	}
	d.points = append(d.points, one.Root, two.Root)
	for _, w := range row.Words {
		d.points = append(d.points, w.Position)
	}
	speaker := d.own[0]
	if steward {
		speaker = book
	}
	row.say(pairWord{Partner: speaker, Same: same})
	d.facts.reasons = []string{row.counts(d.heirs, book, one.Partner, two.Partner)}
	return nil
}

// reportOf finds the placement of a report that stands. What another's event is, is
// not told: it is a placement that stands, or it is not known.
func (d *decision) reportOf(tx Tx, field string, steward bool, ref *events.Ref) (*placement, error) {
	at := positionAt(tx, idKey(ref.Source, ref.ID))
	var was done
	var known bool
	if at != 0 {
		var err error
		if was, known, err = doneAt(tx, at); err != nil {
			return nil, err
		}
	}
	told := steward || slices.Contains(d.own, was.Partner)
	switch {
	case at == 0, !told && (!known || was.Type != events.TypePlacementMade || was.Void):
		d.fail(field, "onbekende-melding")
	case !known || was.Type != events.TypePlacementMade:
		d.fail(field, "geen-plaatsing")
	case was.Void:
		d.fail(field, "al-ingetrokken")
	default:
		p := new(placement)
		ok, err := getRow(tx, positionKey(rowPlacement, rootOf(at, was)), p)
		if !ok && err == nil {
			err = damagedRow(positionKey(rowPlacement, rootOf(at, was)))
		}
		return p, err
	}
	return nil, nil
}

func applyPair(tx Tx, r *events.Record) error {
	one, two := r.Pair()
	_, same := r.Event.Data.(*events.PlacementsMatched)
	var row pairRow
	if _, err := getRow(tx, pairKey(one, two), &row); err != nil {
		return err
	}
	row.say(pairWord{r.Partner, r.Position, same})
	return putRow(tx, pairKey(one, two), &row)
}

func isPairing(t events.Type) bool {
	return t == events.TypePlacementsMatched || t == events.TypePlacementsDistinct
}
