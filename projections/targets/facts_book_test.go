package targets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// bookOf writes random books that keep the ledger's rules.
type bookOf struct {
	t       *rapid.T
	at      time.Time
	records []*events.Record
	alive   []*events.Record // that can be retracted or corrected
}

const bookID = "0b1c1c0e-0000-4000-8000-000000000000"

var (
	bookPartners = []string{
		"0b1c1c0e-0000-4000-8000-000000000001", "0b1c1c0e-0000-4000-8000-000000000002", "0b1c1c0e-0000-4000-8000-000000000003",
	}
	bookEmployers = []events.Employer{
		{KvK: "69599084"}, {KvK: "69599084", Establishment: "000012345678"}, {KvK: "90004760"}, {Provisional: "0b1c1c0e-1111-4000-8000-000000000001"},
		{Foreign: &events.Foreign{Country: "DE", Register: "HRB", Number: "1234"}},
	}
	bookTargets = []string{"0b1c1c0e-2222-4000-8000-000000000001", "0b1c1c0e-2222-4000-8000-000000000002"}
	bookGroups  = []string{"DD01", "DD02"}
	bookSizes   = []string{"", "2-4", "10-19"}
	gemeenten   = []string{"", "GM0193", "GM0150"}
)

func pickOf[T any](b *bookOf, from []T) T { return rapid.SampledFrom(from).Draw(b.t, "") }
func (b *bookOf) n(lo, hi int) int        { return rapid.IntRange(lo, hi).Draw(b.t, "") }

func (b *bookOf) day() events.Date {
	return events.Date(fmt.Sprintf("2026-%02d-%02d", b.n(9, 12), b.n(1, 12)))
}

func (b *bookOf) append(partner string, d events.Data, reasons []string, restsOn ...events.Position) *events.Record {
	b.at = b.at.Add(time.Duration(b.n(0, 3)*b.n(0, 24)) * time.Hour)
	r := &events.Record{
		Book: bookID, Position: events.Position(len(b.records) + 1), At: b.at, Partner: partner,
		Verdict: events.Verdict{Outcome: events.Free, Reasons: reasons, RestsOn: restsOn, Today: events.DateOf(b.at)},
		Event:   events.Event{Type: d.Type(), Data: d},
	}
	b.records = append(b.records, r)
	return r
}

func (b *bookOf) order(r *events.Record) events.Position {
	for r.Target() != 0 {
		r = b.records[r.Target()-1]
	}
	return r.Position
}

func (b *bookOf) aliveOf(types ...events.Type) (list []*events.Record) {
	for _, r := range b.alive {
		if slices.Contains(types, r.Event.Type) {
			list = append(list, r)
		}
	}
	return list
}

func (b *bookOf) kill(r *events.Record) {
	b.alive = slices.DeleteFunc(b.alive, func(x *events.Record) bool { return x == r })
}

// step records one random event.
func (b *bookOf) step() {
	switch b.n(0, 19) {
	case 0, 1:
		if len(b.alive) > 0 {
			r := pickOf(b, b.alive)
			b.kill(r)
			b.append(r.Partner, &events.EventRetracted{}, nil, r.Position)
		}
	case 2, 3, 4:
		if len(b.alive) > 0 {
			b.correct(pickOf(b, b.alive))
		}
	case 5, 6:
		if list := b.aliveOf(events.TypePlacementMade, events.TypeVisitMade); len(list) > 0 {
			r := b.append(pickOf(b, bookPartners), &events.JointVisitConfirmed{}, nil, pickOf(b, list).Position)
			b.alive = append(b.alive, r)
		}
	case 7, 8:
		b.pair()
	case 9, 10:
		b.link()
	case 11:
		b.membership()
	case 12:
		b.target()
	default:
		types := []events.Type{
			events.TypePlacementMade, events.TypePlacementMade, events.TypePlacementMade, events.TypePlacementEnded, events.TypeVisitMade,
			events.TypeServiceDelivered, events.TypeSignalNoted, events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeEmployerDescribed,
		}
		if d, root := b.data(pickOf(b, types), 0, nil); d != nil {
			rests := []events.Position{root}
			if root == 0 {
				rests = nil
			}
			b.alive = append(b.alive, b.append(pickOf(b, bookPartners), d, nil, rests...))
		}
	}
}

func (b *bookOf) correct(r *events.Record) {
	own := b.order(r)
	if was := r.Root(); was != 0 {
		own = was
	}
	d, _ := b.data(r.Event.Type, own, new(events.Ref))
	if d == nil {
		return
	}
	b.kill(r)
	b.alive = append(b.alive, b.append(r.Partner, d, nil, r.Position, own))
}

// data draws an event, and what it goes on with; root is that of what is corrected.
func (b *bookOf) data(t events.Type, root events.Position, replaces *events.Ref) (events.Data, events.Position) {
	begun := func(t events.Type) events.Position {
		if root != 0 {
			return root
		}
		if list := b.aliveOf(t); len(list) > 0 {
			return b.order(pickOf(b, list))
		}
		return 0
	}
	e := pickOf(b, bookEmployers)
	switch t {
	case events.TypePlacementMade:
		d := &events.PlacementMade{Employer: e, Placement: fmt.Sprint(b.n(1, 99)), Start: b.day(), Kind: pickOf(b, []string{"uitzend", "bbl"}),
			TargetGroup: pickOf(b, append(bookGroups, "")), Sector: pickOf(b, []string{"", "markt"}), Replaces: replaces}
		if b.n(0, 1) == 0 {
			h := events.Hundredths(100 * b.n(20, 24))
			d.Hours = &h
		}
		if b.n(0, 2) == 0 {
			yes := b.n(0, 1) == 0
			d.Register, d.End = &yes, b.day()
		}
		return d, 0
	case events.TypePlacementEnded:
		if at := begun(events.TypePlacementMade); at != 0 {
			return &events.PlacementEnded{End: b.day(), Replaces: replaces}, at
		}
	case events.TypeVisitMade:
		return &events.VisitMade{Employer: e, Date: b.day(), Purpose: "nazorg", TargetGroups: bookGroups[:b.n(0, 2)], Replaces: replaces}, 0
	case events.TypeServiceDelivered:
		d := &events.ServiceDelivered{Employer: e, Service: "jobcoach", Date: b.day(), Replaces: replaces}
		if b.n(0, 1) == 0 {
			n := b.n(1, 4)
			d.Count, d.Date, d.Period = &n, "", &events.Period{From: "2026-10-01", To: b.day()}
		}
		return d, 0
	case events.TypeSignalNoted:
		return &events.SignalNoted{Employer: e, Theme: "krimp", Replaces: replaces}, 0
	case events.TypeVacancyReported:
		return &events.VacancyReported{Employer: e, Vacancy: "v", Count: b.n(1, 5), Replaces: replaces}, 0
	case events.TypeVacancyFilled:
		if at := begun(events.TypeVacancyReported); at != 0 {
			d := &events.VacancyFilled{Date: b.day(), Replaces: replaces}
			if b.n(0, 1) == 0 {
				n := b.n(1, 3)
				d.Count = &n
			}
			return d, at
		}
	case events.TypeEmployerDescribed:
		return &events.EmployerDescribed{Employer: e, Gemeente: pickOf(b, gemeenten), Size: pickOf(b, bookSizes), Sector: pickOf(b, []string{"", "markt"}), Replaces: replaces}, 0
	}
	return nil, 0
}

func (b *bookOf) pair() {
	list := b.aliveOf(events.TypePlacementMade)
	if len(list) < 2 {
		return
	}
	one, two := pickOf(b, list), pickOf(b, list)
	if one == two {
		return
	}
	speaker := pickOf(b, []string{bookID, one.Partner, two.Partner, pickOf(b, bookPartners)})
	var d events.Data = &events.PlacementsMatched{}
	if b.n(0, 2) == 0 {
		d = &events.PlacementsDistinct{}
	}
	b.append(speaker, d, nil, b.order(one), b.order(two))
}

func (b *bookOf) link() {
	whole := func(e events.Employer) events.WholeEmployer {
		return events.WholeEmployer{KvK: e.KvK, Foreign: e.Foreign, Provisional: e.Provisional}
	}
	one, two := pickOf(b, bookEmployers), pickOf(b, bookEmployers)
	switch b.n(0, 4) {
	case 0:
		b.append(bookID, &events.EmployersUnlinked{Employer: whole(one), With: whole(two)}, nil)
	case 1:
		b.append(bookID, &events.LevelSet{Employer: one, Level: pickOf(b, []string{"lokaal", "landelijk"})}, nil)
	default:
		if one.Key() != two.Key() {
			b.append(bookID, &events.EmployersLinked{Employer: whole(one), With: whole(two), Kind: pickOf(b, []string{"dezelfde", "opvolger", "concern"})},
				[]string{pickOf(b, []string{"koppeling-geldt", "koppeling-geldt", "koppeling-wacht"})})
		}
	}
}

func (b *bookOf) membership() {
	i := b.n(0, len(bookPartners)-1)
	partner := bookPartners[i]
	switch b.n(0, 3) {
	case 0:
		b.append(bookID, &events.PartnerDeparted{Partner: partner, From: b.day(), Past: pickOf(b, []string{"", "vertrekt"})}, nil)
	case 1:
		if i > 0 {
			b.append(bookID, &events.PartnerSucceeded{Partner: partner, By: bookPartners[b.n(0, i-1)], From: b.day()}, nil)
		}
	default:
		b.append(bookID, &events.PartnerAdmitted{Partner: partner, Identities: []string{"urn:" + partner}, Name: "N" + partner, From: b.day(),
			Subregion: pickOf(b, []string{"", "Noord"})}, nil)
	}
}

func (b *bookOf) target() {
	id := pickOf(b, bookTargets)
	switch b.n(0, 3) {
	case 0:
		if slices.ContainsFunc(b.records, func(r *events.Record) bool {
			set, ok := r.Event.Data.(*events.TargetSet)
			return ok && set.Target == id
		}) {
			b.append(bookID, &events.TargetDropped{Target: id}, nil)
		}
	case 1:
		d := &events.EmployersCounted{From: b.day(), Origin: "CBS"}
		for _, gemeente := range gemeenten[1:b.n(2, 3)] {
			for _, size := range bookSizes[b.n(0, 1):] {
				d.Counts = append(d.Counts, events.EmployerCount{Gemeente: gemeente, Size: size, Count: b.n(0, 9)})
			}
		}
		b.append(bookID, d, nil)
	default:
		b.append(bookID, &events.TargetSet{Target: id, Name: "Doel", Period: &events.Period{From: "2026-01-01", To: "2026-12-31"}, Measure: "plaatsingen", Number: b.n(1, 600)}, nil)
	}
}

func drawBook(t *rapid.T, steps int) []*events.Record {
	b := &bookOf{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	for range steps {
		b.step()
	}
	return b.records
}

// rowStore is a store of the journal in memory.
type rowStore struct {
	mu   sync.Mutex
	rows rowTx
	at   events.Checkpoint
}

func (s *rowStore) View(fn func(projections.Tx, events.Checkpoint) error) error {
	s.mu.Lock()
	rows, at := s.rows, s.at
	s.mu.Unlock()
	return fn(rows, at)
}

func (s *rowStore) add(t interface{ Fatal(...any) }, records ...*events.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.rows)
	if next == nil {
		next = rowTx{}
	}
	for _, r := range records {
		if err := (projections.Journal{}).Apply(next, r); err != nil {
			t.Fatal(err)
		}
		s.at.Position = r.Position
	}
	s.rows = next
}

type rowTx map[string][]byte

func (t rowTx) Get(key []byte) []byte                         { return t[string(key)] }
func (t rowTx) Put(key, value []byte)                         { t[string(key)] = slices.Clone(value) }
func (t rowTx) Delete(key []byte)                             { delete(t, string(key)) }
func (t rowTx) Scan(prefix []byte, fn func(k, v []byte) bool) { t.ScanFrom(prefix, prefix, fn) }
func (t rowTx) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	var keys []string
	for k := range t {
		if strings.HasPrefix(k, string(prefix)) && k >= string(from) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		if !fn([]byte(k), t[k]) {
			return
		}
	}
}
