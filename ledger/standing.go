package ledger

import (
	"encoding/binary"
	"slices"

	"github.com/google/uuid"

	"huisboek/events"
)

// levelRow and spareRow are the last word of the steward on an employer or one of its
// establishments.
type levelRow struct {
	Position events.Position `json:"n"`
	Level    string          `json:"l"`
}

type spareRow struct {
	Position events.Position `json:"n"`
	From     events.Date     `json:"f"`
	To       events.Date     `json:"t,omitempty"`
	Ground   string          `json:"g"`
	Purposes []string        `json:"d,omitempty"`
	Lifted   bool            `json:"x,omitempty"`
}

func levelKey(employer, establishment string) []byte {
	return append(employerKey(employer, rowLevel), establishment...)
}

func spareKey(employer, establishment string) []byte {
	return append(employerKey(employer, rowSpared), establishment...)
}

func gemeenteKey(employer string, order events.Position) []byte {
	return append(employerKey(employer, rowGemeente), u64(^uint64(order))...)
}

// putGemeente keeps of a description that says so in which municipality the employer lies.
func putGemeente(tx Tx, r *events.Record, d *events.EmployerDescribed, did *done) {
	if d.Gemeente != "" {
		v := append(append(u64(uint64(r.Position)), d.Gemeente...), 0)
		tx.Put(gemeenteKey(did.Employer, did.Order), append(v, d.Establishment...))
	}
}

// levelOf is the level of a place: the last word on its establishment, before the last
// one on the whole employer under any of its keys.
func levelOf(tx Tx, w where, group []string) (*levelFact, error) {
	if w.establishment != "" {
		own, err := lastLevel(tx, w.establishment, []string{w.employer})
		if own != nil || err != nil {
			return own, err
		}
	}
	return lastLevel(tx, "", group)
}

func lastLevel(tx Tx, establishment string, group []string) (last *levelFact, err error) {
	for _, employer := range group {
		var r levelRow
		ok, err := getRow(tx, levelKey(employer, establishment), &r)
		if err != nil {
			return nil, err
		}
		if ok && (last == nil || r.Position > last.position) {
			last = &levelFact{r.Position, r.Level}
		}
	}
	return last, nil
}

// levelsOf are the last words on the level of an employer and on each of its
// establishments that concern a place; the whole first.
func levelsOf(tx Tx, w where, group []string) (list []Level, err error) {
	whole, err := lastLevel(tx, "", group)
	if whole != nil {
		list = append(list, Level{Position: whole.position, Level: whole.level})
	}
	for _, employer := range group {
		prefix := employerKey(employer, rowLevel)
		tx.Scan(prefix, func(k, v []byte) bool {
			establishment := string(k[len(prefix):])
			if establishment == "" || !w.concerns(employer, establishment) {
				return true
			}
			var r levelRow
			if err = decodeRow(k, v, &r); err != nil {
				return false
			}
			list = append(list, Level{r.Position, r.Level, establishment})
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return list, err
}

// sparesOf are the last words on leaving an employer in peace that concern a place: one
// for the whole, under any of its keys, and one for each establishment. Lifted ones are
// left out.
func sparesOf(tx Tx, w where, group []string) (list []*spareFact, err error) {
	type place struct{ employer, establishment string }
	var last map[place]*spareRow
	for _, employer := range group {
		prefix := employerKey(employer, rowSpared)
		tx.Scan(prefix, func(k, v []byte) bool {
			r := new(spareRow)
			if err = decodeRow(k, v, r); err != nil {
				return false
			}
			p := place{employer, string(k[len(prefix):])}
			if p.establishment == "" {
				p.employer = ""
			}
			if was := last[p]; w.concerns(employer, p.establishment) && (was == nil || r.Position > was.Position) {
				if last == nil {
					last = map[place]*spareRow{}
				}
				last[p] = r
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	for _, r := range last {
		if !r.Lifted {
			list = append(list, &spareFact{r.Position, r.From, r.To, r.Purposes, r.Ground})
		}
	}
	slices.SortFunc(list, func(a, b *spareFact) int { return int(b.position) - int(a.position) })
	return list, nil
}

// gemeenteOf is where an employer lies, by the last surviving description that says so.
func gemeenteOf(tx Tx, w where, group []string) (gemeente string, at events.Position) {
	var newest events.Position
	for _, employer := range group {
		tx.Scan(employerKey(employer, rowGemeente), func(k, v []byte) bool {
			order := ^positionAtEnd(k)
			i := slices.Index(v[min(8, len(v)):], 0)
			if order <= newest || i < 0 {
				return false
			}
			if !w.concerns(employer, string(v[8+i+1:])) {
				return true
			}
			newest, gemeente, at = order, string(v[8:8+i]), events.Position(binary.BigEndian.Uint64(v))
			return false
		})
	}
	return gemeente, at
}

// served is what a partner was said to serve from a day on.
type served struct {
	Position  events.Position `json:"n"`
	From      events.Date     `json:"f"`
	Subregion string          `json:"s,omitempty"`
	Gemeenten []string        `json:"g,omitempty"`
}

// putServed keeps what a partner serves: every word, for each counts from a day on.
func putServed(tx Tx, at events.Position, d *events.PartnerAdmitted) error {
	key := keyOf(rowServed, uuidBytes(d.Partner))
	var all []served
	if _, err := getRow(tx, key, &all); err != nil {
		return err
	}
	for _, g := range d.Gemeenten {
		tx.Put(append(keyOf(rowServing, []byte(g)), uuidBytes(d.Partner)...), nil)
	}
	return putRow(tx, key, append(all, served{at, d.From, d.Subregion, d.Gemeenten}))
}

// servedOn is what a partner serves on a day: what was said last of all that counts
// from that day or an earlier one.
func servedOn(tx Tx, partner string, day events.Date) (now served, err error) {
	var all []served
	_, err = getRow(tx, keyOf(rowServed, uuidBytes(partner)), &all)
	for _, s := range all {
		if s.From <= day {
			now = s
		}
	}
	return now, err
}

// servingOn are the partners that serve a municipality on a day, by those that go on
// with their work.
func servingOn(tx Tx, gemeente string, day events.Date, h heirs) (partners []string, err error) {
	prefix := keyOf(rowServing, []byte(gemeente))
	var ever []string
	tx.Scan(prefix, func(k, _ []byte) bool {
		ever = append(ever, uuid.UUID(k[len(prefix):]).String())
		return true
	})
	for _, p := range ever {
		s, err := servedOn(tx, p, day)
		if err != nil {
			return nil, err
		}
		now, err := getPartner(tx, h.of(p))
		if err != nil {
			return nil, err
		}
		if slices.Contains(s.Gemeenten, gemeente) && now != nil && now.Active(day) && !slices.Contains(partners, now.ID) {
			partners = append(partners, now.ID)
		}
	}
	return partners, nil
}

// Standing is what the steward laid down of an employer.
type Standing struct {
	Level   *Level   // that counts for the place
	Levels  []Level  // the last word on the whole, and on each of its establishments
	Spared  []Spared // what holds for it or one of its establishments: lifted ones are left out
	Serving []PartnerName
}

// Level says who approaches an employer, or one establishment of it: "lokaal",
// "regionaal" or "landelijk".
type Level struct {
	Position      events.Position `json:"positie"`
	Level         string          `json:"niveau"`
	Establishment string          `json:"vestigingsnummer,omitempty"`
}

// Spared says that an employer is left in peace: from a day, up to and including another
// ("" until further notice), for some purposes (none: all).
type Spared struct {
	Position events.Position `json:"positie"`
	From     events.Date     `json:"van"`
	To       events.Date     `json:"tot,omitempty"`
	Ground   string          `json:"grond"`
	Purposes []string        `json:"doelen,omitempty"`
}

// Standing is what was laid down of an employer, under any of its keys: its level, when
// it is local the partners that serve its municipality, and whether it is left in peace,
// now or later.
func (l *Ledger) Standing(e events.Employer) (s Standing, err error) {
	w := where{employer: e.Key(), establishment: e.Establishment}
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		group := sameEmployers(tx, w.employer)
		level, err := levelOf(tx, w, group)
		if err != nil {
			return err
		}
		if s.Levels, err = levelsOf(tx, w, group); err != nil {
			return err
		}
		for i := range s.Levels {
			if level != nil && s.Levels[i].Position == level.position {
				s.Level = &s.Levels[i]
			}
		}
		h, err := heirsOn(tx, l.today())
		if err != nil {
			return err
		}
		serving, err := servingOf(tx, level, w, group, l.today(), h)
		if err != nil {
			return err
		}
		if serving != nil {
			for _, id := range serving.partners {
				p, err := getPartner(tx, id)
				if err != nil {
					return err
				}
				s.Serving = append(s.Serving, p.name())
			}
		}
		spares, err := sparesOf(tx, w, group)
		for _, f := range spares {
			if f.to == "" || f.to >= l.today() {
				s.Spared = append(s.Spared, Spared{f.position, f.from, f.to, f.ground, f.purposes})
			}
		}
		return err
	})
	return s, err
}

const levelLocal = "lokaal"

// servingOf is who serves the municipality of a local employer; nil when it is not
// local, when nobody said where it lies, and when nobody serves it.
func servingOf(tx Tx, level *levelFact, w where, group []string, day events.Date, h heirs) (*servingFact, error) {
	if level == nil || level.level != levelLocal {
		return nil, nil
	}
	gemeente, at := gemeenteOf(tx, w, group)
	if at == 0 {
		return nil, nil
	}
	partners, err := servingOn(tx, gemeente, day, h)
	if err != nil || len(partners) == 0 {
		return nil, err
	}
	return &servingFact{at, partners}, nil
}

// KeysOf are the seal keys of an account manager of a partner, also under the partners
// whose work it goes on with: by these its plans are known without a name.
func (l *Ledger) KeysOf(partner, employee string) (ids []events.KeyID, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		h, err := heirsOn(tx, l.today())
		for _, p := range h.own(partner) {
			ids = append(ids, keysOf(tx, l.keys.subjectID(events.PersonMember, p, employee))...)
		}
		return err
	})
	return ids, err
}
