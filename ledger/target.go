package ledger

import (
	"fmt"

	"huisboek/events"
)

// rowTarget is what was said last of a target: 'T' doelstelling16 -> targetRow.
const rowTarget = 'T'

// targetRow is the last version of a target, or that it was dropped.
type targetRow struct {
	Position events.Position `json:"n"`
	Dropped  bool            `json:"d,omitempty"`
}

func targetKey(id string) []byte { return keyOf(rowTarget, uuidBytes(id)) }

// targetSet: what partners take on is taken on by partners of this book, each once.
// Of a target that is known already it is a new version, which points to the one
// before.
func (d *decision) targetSet(tx Tx, t *events.TargetSet) error {
	seen := make(map[string]bool, len(t.Shares))
	for i := range t.Shares {
		field := fmt.Sprintf("/data/aandelen/%d/partner", i)
		p, err := partnerOfIdentity(tx, t.Shares[i].Partner)
		if err != nil {
			return err
		}
		switch {
		case p == nil:
			d.fail(field, "onbekende-partner")
		case seen[p.ID]:
			d.fail(field, "dubbele-partner")
		default:
			seen[p.ID] = true
		}
	}
	var was targetRow
	known, err := getRow(tx, targetKey(t.Target), &was)
	if known {
		d.points = append(d.points, was.Position)
	}
	return err
}

// targetDropped: a target that stands.
func (d *decision) targetDropped(tx Tx, t *events.TargetDropped) error {
	var was targetRow
	known, err := getRow(tx, targetKey(t.Target), &was)
	switch {
	case !known:
		d.fail("/data/doelstelling", "onbekende-doelstelling")
	case was.Dropped:
		d.fail("/data/doelstelling", "doelstelling-vervallen")
	default:
		d.points = append(d.points, was.Position)
	}
	return err
}

// LastTarget is the position of the last version of a target; 0 when it is none.
func (l *Ledger) LastTarget(id string) (at events.Position, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		var was targetRow
		known, err := getRow(tx, targetKey(id), &was)
		if known && !was.Dropped {
			at = was.Position
		}
		return err
	})
	return at, err
}

func applyTarget(tx Tx, at events.Position, id string, dropped bool) error {
	return putRow(tx, targetKey(id), &targetRow{at, dropped})
}
