package ledger_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

func managerOf(d events.Data) *events.AccountManager {
	switch d := d.(type) {
	case *events.VisitPlanned:
		return d.AccountManager.Plain
	case *events.VisitMade:
		return d.AccountManager.Plain
	case *events.ContactAppointed:
		return d.AccountManager.Plain
	}
	return nil
}

func (s *said) person() string {
	if am := managerOf(s.data); am != nil && !s.erased {
		return am.Name
	}
	return "-"
}

// check folds everything into views and compares what they answer.
func (w *world) check(t *testing.T) {
	store := w.views(t)
	err := store.View(func(tx projections.Tx, _ events.Checkpoint) error {
		v := projections.NewViews()
		for _, number := range numbers {
			want, got := w.timeline(number), []string{}
			items, _, err := v.Contacts(tx, []string{number}, projections.Timeline{}, "", 1000)
			if err != nil {
				return err
			}
			for _, c := range items {
				got = append(got, line(c.To, c.Position, c.Type, c.Date, c.Status, w.nameOf(c.Partner), w.unseal(c.Source, c.ID, c.AccountManager.Seal), c.End))
			}
			w.same("timeline of "+number, want, got)
			fixed, err := v.FixedContacts(tx, []string{number})
			if err != nil {
				return err
			}
			got = nil
			for _, f := range fixed {
				got = append(got, w.nameOf(f.Partner)+" "+w.unseal(f.Source, f.ID, f.AccountManager.Seal))
			}
			w.same("fixed contact of "+number, w.fixed([]string{number}, func(maker int) int { return maker }), got)
			same, err := v.Same(tx, number)
			if err != nil {
				return err
			}
			group := w.group(number)
			slices.Sort(group)
			slices.Sort(same)
			w.same("what is the same as "+number, group, same)
			w.checkAdvice(number)
		}
		want, got := w.counts(), []string{}
		for _, measure := range []string{"bezoeken", "diensten", "plaatsingen"} {
			cells, err := v.Count(tx, projections.Query{Measure: measure, From: "2020-01", To: "2030-12"})
			if err != nil {
				return err
			}
			for _, c := range cells {
				got = append(got, fmt.Sprint(c.Measure, " ", c.Month, " ", w.nameOf(c.Partner), " ", c.TargetGroup, " ", c.Count))
			}
		}
		slices.Sort(got)
		w.same("counts", want, got)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	checkChain(t, w.k)
	checkRebuild(t, w.k)
}

func (w *world) same(what string, want, got []string) {
	if slices.Equal(want, got) {
		return
	}
	w.t.Fatalf("%s\nwant:\n  %s\ngot:\n  %s", what, strings.Join(want, "\n  "), strings.Join(got, "\n  "))
}

func (w *world) views(t *testing.T) projections.Store {
	fold := projections.NewViews()
	var stores []projections.Store
	for range 2 { // in two files, to compare
		file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "views.db"), boltstore.Options{NoSync: true})
		if err != nil {
			w.t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		s, err := file.Store(fold.Name(), fold.Shape())
		if err != nil {
			w.t.Fatal(err)
		}
		stores = append(stores, s)
	}
	last := w.k.ledger.Position()
	for _, until := range []events.Position{last / 3, last / 2, last} { // in several batches
		if err := projections.RebuildUntil(context.Background(), w.k.stream, fold, stores[0], until, nil); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := projections.Rebuild(context.Background(), w.k.stream, fold, stores[1], nil); err != nil {
		w.t.Fatal(err)
	}
	if d, err := projections.Compare(stores[0], stores[1], projections.KeyName); d != "" || err != nil {
		w.t.Fatalf("kept and rebuilt differ: %s %v", d, err)
	}
	return stores[0]
}

func (w *world) nameOf(partner string) string {
	for _, p := range w.parties {
		if p.id == partner {
			return p.name
		}
	}
	return "?"
}

func (w *world) unseal(source, id string, s *events.Seal) string {
	if s == nil {
		return "-"
	}
	plain, err := w.k.ledger.Unseal(context.Background(), source, id, "/accountmanager", *s)
	if errors.Is(err, ledger.ErrErased) {
		return "-"
	}
	var am events.AccountManager
	if err == nil {
		err = json.Unmarshal(plain, &am)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return am.Name
}

func line(to events.Date, at events.Position, typ events.Type, from events.Date, status, partner, person string, end events.Date) string {
	return fmt.Sprintf("%s..%s %s at %d: %s by %s (%s) %s", from, to, typ.Name(), at, status, partner, person, end)
}

// timeline is an employer's, newest first, from the list alone.
func (w *world) timeline(number string) []string {
	type item struct {
		to   events.Date
		from *said
		text string
	}
	var items []item
	for _, s := range w.all {
		e, ok := events.EmployerOf(s.data)
		if s.void || !ok || e.KvK != number {
			continue
		}
		partner := w.parties[s.who].name
		add := func(from, to events.Date, status string, end events.Date) {
			items = append(items, item{to, s, line(to, s.at, s.data.Type(), from, status, partner, s.person(), end)})
		}
		switch d := s.data.(type) {
		case *events.VisitPlanned:
			from, to, status := w.approach(s)
			add(from, to, status, "")
		case *events.VisitMade:
			add(d.Date, d.Date, "afgelegd", "")
		case *events.ServiceDelivered:
			add(d.Date, d.Date, "geleverd", "")
		case *events.SignalNoted:
			add(d.Date, d.Date, "opgevangen", "")
		case *events.VacancyReported:
			status := "open"
			switch left, withdrawn := w.left(s); {
			case left == 0:
				status = "vervuld"
			case withdrawn:
				status = "ingetrokken"
			}
			add(d.Date, d.Date, status, "")
		case *events.PlacementMade:
			status, end := "gerealiseerd", d.End
			for _, o := range w.all {
				if x, ok := o.data.(*events.PlacementEnded); ok && !o.void && o.root == s.root {
					status, end = "beeindigd", x.End
				}
			}
			add(d.Start, d.Start, status, end)
		}
	}
	slices.SortFunc(items, func(a, b item) int {
		return cmp.Or(cmp.Compare(b.to, a.to), cmp.Compare(place(b.from), place(a.from)))
	})
	out := []string{}
	for _, i := range items {
		out = append(out, i.text)
	}
	return out
}

// place is where something stands among its like of one day: a plan where its
// approach began, a placement or vacancy where it was first reported, anything else where its first version came.
func place(s *said) events.Position {
	if is[*events.VisitPlanned](s) || is[*events.PlacementMade](s) || is[*events.VacancyReported](s) {
		return s.root.at
	}
	return s.order
}

func (w *world) approach(s *said) (from, to events.Date, status string) {
	p := s.data.(*events.VisitPlanned)
	from, to = daysOf(p.Date, p.Period)
	status = "gepland"
	period := from != to
	off, made := false, false
	of := slices.DeleteFunc(slices.Clone(w.all), func(o *said) bool { return o.void || o.root != s.root || o.order <= s.order })
	slices.SortFunc(of, func(a, b *said) int { return cmp.Compare(a.order, b.order) })
	for _, o := range of {
		switch d := o.data.(type) {
		case *events.VisitMoved:
			from, to = daysOf(d.Date, d.Period)
			if status = "verzet"; period && from == to {
				status = "bevestigd"
			}
		case *events.ApproachExtended:
			if from != to {
				to = max(to, d.To)
			}
		case *events.VisitCalledOff:
			off = true
		case *events.VisitMade:
			made = true
		}
	}
	switch {
	case made:
		status = "afgelegd"
	case off:
		status = "afgezegd"
	}
	return from, to, status
}

func daysOf(day events.Date, p *events.Period) (from, to events.Date) {
	if p != nil {
		return p.From, p.To
	}
	return day, day
}

// fixed is the fixed contact of an employer under all its keys, with the partner
// that name gives of who appointed it.
func (w *world) fixed(group []string, name func(int) int) []string {
	best := w.fixedBy(group)
	if best == nil {
		return nil
	}
	return []string{w.parties[name(best.who)].name + " " + best.person()}
}

// fixedBy is the appointment of the fixed contact.
func (w *world) fixedBy(group []string) (best *said) {
	last := map[int]*said{}
	for _, s := range slices.SortedFunc(slices.Values(w.all), func(a, b *said) int { return cmp.Compare(a.order, b.order) }) {
		if e, _ := events.EmployerOf(s.data); s.void || !slices.Contains(group, e.KvK) {
			continue
		}
		if is[*events.ContactAppointed](s) || is[*events.ContactReleased](s) {
			last[s.who] = s
			for _, old := range s.over {
				delete(last, old)
			}
		}
	}
	for _, s := range last {
		if is[*events.ContactAppointed](s) && (best == nil || s.order > best.order) {
			best = s
		}
	}
	return best
}

// checkAdvice compares what the ledger says of an employer with the list.
func (w *world) checkAdvice(number string) {
	asks := w.now(0)
	a, _, err := w.k.ledger.Advise(context.Background(), ledger.Question{Employer: at(number), Partner: w.parties[asks].id})
	if err != nil {
		w.t.Fatal(err)
	}
	want, got := []string{}, []string{}
	var last *said
	group := w.group(number)
	for _, s := range w.all {
		if e, _ := events.EmployerOf(s.data); s.void || !slices.Contains(group, e.KvK) {
			continue
		}
		if v, ok := s.data.(*events.VisitMade); ok {
			if last == nil || cmp.Or(cmp.Compare(v.Date, last.data.(*events.VisitMade).Date), cmp.Compare(s.order, last.order)) > 0 {
				last = s
			}
		}
		if w.now(s.who) != asks && w.open(s) {
			if from, to, _ := w.approach(s); to >= w.today() {
				want = append(want, fmt.Sprint(s.at, from, to, w.parties[s.who].name, s.person()))
			}
		}
	}
	for _, p := range a.OtherPlans {
		who := "-"
		if p.AccountManager != nil {
			who = p.AccountManager.Name
		}
		got = append(got, fmt.Sprint(p.Position, p.From, p.To, p.Partner.Name, who))
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) <= 20 { // as many as an answer shows
		w.same("open plans of others at "+number, want, got)
	}
	q := ask{who: asks, number: number, from: w.today(), to: w.today(), plan: true}
	w.same("verdict at "+number, w.verdict(&q), codesOf(a))
	switch v := a.LastVisit; {
	case last == nil && v == nil:
	case last == nil || v == nil || v.Position != last.at || v.Partner.Name != w.parties[last.who].name:
		w.t.Fatalf("last visit to %s is %+v, want %+v", number, v, last)
	}
	if fixed := w.fixed(group, w.now); len(fixed) > 0 && (a.Call == nil || a.Call.Reason != "vaste-contactpersoon" || a.Call.Partner.Name+" "+cmp.Or(a.Call.Name, "-") != fixed[0]) {
		w.t.Fatalf("call %+v, want %s", a.Call, fixed)
	}
}

func (w *world) counts() []string {
	type cell struct{ measure, month, partner, group string }
	n := map[cell]int{}
	for _, s := range w.all {
		if s.void {
			continue
		}
		add := func(measure string, on events.Date, by int, groups ...string) {
			for _, g := range append(groups, "") {
				n[cell{measure, on.Month(), w.parties[s.who].name, g}] += by
			}
		}
		switch d := s.data.(type) {
		case *events.VisitMade:
			add("bezoeken", d.Date, 1, d.TargetGroups...)
		case *events.ServiceDelivered:
			add("diensten", d.Date, *d.Count, d.TargetGroup)
		case *events.PlacementMade:
			add("plaatsingen", d.Start, 1, d.TargetGroup)
		}
	}
	out := []string{}
	for c, k := range n {
		out = append(out, fmt.Sprint(c.measure, " ", c.month, " ", c.partner, " ", c.group, " ", k))
	}
	slices.Sort(out)
	return out
}
