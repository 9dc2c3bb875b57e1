package projections

import (
	"encoding/binary"
	"fmt"

	"huisboek/events"
)

// glance is what lists of approaches ask of each, to read no more of those that they
// leave out.
type glance struct {
	PlanPlace
	until events.Date // see Planned.Expired
	open  bool
	names bool         // it names partners in samenMet
	key   events.KeyID // of its account manager's seal; 0: it has none
}

// place is where it stands by its last day.
func (p *Planned) place() []byte {
	k := binary.BigEndian.AppendUint32(partnerPrefix(rowPlanned, p.Partner), dayNumber(p.To))
	return binary.BigEndian.AppendUint64(k, uint64(p.Root))
}

// glance is what stands at its place.
func (p *Planned) glance() []byte {
	e := make(encoder, 0, 24)
	e.date(p.From)
	e.date(p.until())
	e.bool(p.Open())
	e.bool(len(p.With) > 0)
	if seal := p.AccountManager.Seal; seal != nil {
		e.uint(uint64(seal.Key))
	} else {
		e.uint(0)
	}
	return e
}

func readGlance(place, row []byte) (g glance, err error) {
	d := decode(row)
	g.From, g.until, g.open, g.names, g.key = d.date(), d.date(), d.bool(), d.bool(), events.KeyID(d.uint())
	if err := d.err(); err != nil || len(place) < 8 {
		return g, fmt.Errorf("%s: %w", KeyName(place), ErrRow)
	}
	g.Root = events.Position(binary.BigEndian.Uint64(place[len(place)-8:]))
	return g, nil
}

// agendaKeyName says which row of Agenda a key is, for people.
func agendaKeyName(kind byte, rest []byte) (string, bool) {
	if len(rest) == 8 {
		if kind == rowTime {
			return fmt.Sprintf("time of day at position %d", binary.BigEndian.Uint64(rest)), true
		}
		return fmt.Sprintf("plan from position %d", binary.BigEndian.Uint64(rest)), true
	}
	partner, rest, ok := cutSized(rest)
	if kind != rowPlanned || !ok || len(rest) != 12 {
		return "", false
	}
	return fmt.Sprintf("place for partner %s until %d of the plan from position %d", partner, binary.BigEndian.Uint32(rest), binary.BigEndian.Uint64(rest[4:])), true
}
