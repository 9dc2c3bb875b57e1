package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

func emptyKeys() *ledgertest.MemoryKeys { return &ledgertest.MemoryKeys{} }

// TestErasePerson: after it nobody is told the name, the same event is still the
// same, and a new event of the same person has a new key.
func TestErasePerson(t *testing.T) {
	k := newBook(t)
	var listed []ledger.Erasure
	k.config.OnErased = func(e ledger.Erasure) error { listed = append(listed, e); return nil }
	k.reopen()
	d := plan(kvk, uuid.NewString(), today.AddDays(2))
	d.Note = plain("belt liever 's ochtends")
	first, err := k.ledger.Record(t.Context(), ledger.Submission{Event: k.event(k.b, "een", d), Caller: k.b.caller})
	if err != nil {
		t.Fatal(err)
	}
	k.must(k.b, &events.VisitPlanned{Employer: at(otherKvK), Approach: uuid.NewString(), Date: today, Purpose: "overig", AccountManager: manager("m1", "Planner Een")})

	done, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.b.id, Employee: "m1", Ground: "verzoek"}, ledger.Caller{Credential: "beheer"})
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Keys) != 1 {
		t.Errorf("%d keys for one person, want one", len(done.Keys))
	}
	if len(listed) != 1 || listed[0].Position != done.Position {
		t.Errorf("listed %+v, erased %+v", listed, done)
	}
	check := func(when string) {
		t.Helper()
		r := k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(7)))
		if r.Call == nil || r.Call.Partner.Name != "Partner B" || r.Call.Name != "" || r.Call.Phone != "" {
			t.Errorf("%s: call %+v, want Partner B and nobody's name", when, r.Call)
		}
		again, err := k.ledger.Record(t.Context(), ledger.Submission{Event: k.event(k.b, "een", d), Caller: k.b.caller})
		if err != nil || again.Position != first.Position {
			t.Errorf("%s: the same event: %+v %v, want position %d", when, again, err, first.Position)
		}
		other := *d
		other.Note = plain("iets anders")
		if _, err := k.ledger.Record(t.Context(), ledger.Submission{Event: k.event(k.b, "een", &other), Caller: k.b.caller}); err == nil {
			t.Errorf("%s: other text under the id was taken for the same", when)
		}
		k.must(k.a, &events.EventRetracted{Event: events.Ref{Source: k.a.source(), ID: "melding-" + k.lastID()[len("melding-"):]}})
	}
	check("at once")
	k.reopen()
	check("after a restart")

	if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.b.id, Employee: "m1", Ground: "verzoek"}, ledger.Caller{}); !errors.Is(err, ledger.ErrNothingToErase) {
		t.Errorf("erasing twice: %v", err)
	}
	k.must(k.b, plan(kvk, uuid.NewString(), today)) // the same person again, under a new key
	r := k.must(k.a, plan(kvk, uuid.NewString(), today))
	if r.Call == nil || r.Call.Name != "Planner Een" {
		t.Errorf("a plan after the erasure: call %+v", r.Call)
	}
	checkChain(t, k)
	checkRebuild(t, k)
}

// TestEraseEmployer: the card and the contact persons of every partner, and the
// free texts when asked.
func TestEraseEmployer(t *testing.T) {
	k := newBook(t)
	describe := func(p party) {
		k.must(p, &events.EmployerDescribed{
			Employer: at(kvk), Name: plain("Bakkerij Voorbeeld"), Place: plain("Zwolle"),
			Contacts: plain([]events.ContactPerson{{Name: "Contact Een", Phone: "038-0000009"}}),
		})
	}
	describe(k.a)
	describe(k.b)
	v := visit(kvk, today)
	v.Note = plain("sprak met de bakker")
	k.must(k.a, v)
	noted := visit(otherKvK, today)
	noted.Note = plain("blijft staan")
	k.must(k.a, noted)

	done, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: kvk, Texts: true, Ground: "verzoek"}, ledger.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Keys) != 5 { // two cards, two lists of contacts, one text
		t.Errorf("%d keys, want 5", len(done.Keys))
	}
	for _, m := range k.stream.Stored() {
		r, err := events.DecodeRecord(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		e, _ := events.EmployerOf(r.Event.Data)
		for _, p := range r.Event.PersonalMembers() {
			text, err := k.ledger.Unseal(t.Context(), r.Event.Source, r.Event.ID, p.Path, *p.Seal)
			gone := e.Key() == kvk && p.Kind != events.PersonMember
			if gone != errors.Is(err, ledger.ErrErased) {
				t.Errorf("position %d %s: %q %v", r.Position, p.Path, text, err)
			}
		}
	}
	checkRebuild(t, k)
}

// TestEraseFinishes: what a crash left half-done is done at the next start, and
// keys that came back with a copy go again.
func TestEraseFinishes(t *testing.T) {
	k := newBook(t)
	k.must(k.b, visit(kvk, today))
	broken := errors.New("no room for the list")
	k.config.OnErased = func(ledger.Erasure) error { return broken }
	k.reopen()
	if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.b.id, Employee: "m2", Ground: "verzoek"}, ledger.Caller{}); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if _, err := k.keys.Get(t.Context(), 1); err != nil {
		t.Fatalf("the key went without its list: %v", err)
	}
	var listed []ledger.Erasure
	k.config.OnErased = func(e ledger.Erasure) error { listed = append(listed, e); return nil }
	k.reopen()
	if len(listed) != 1 {
		t.Errorf("listed %d times at the next start", len(listed))
	}
	if _, err := k.keys.Get(t.Context(), 1); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("the key is still there: %v", err)
	}
	if a, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.a.id}); err != nil || a.Call == nil || a.Call.Name != "" {
		t.Errorf("%+v %v", a.Call, err)
	}
}

// TestNothingPersonalInTheStream: no plain text of a person ever reaches it.
func TestNothingPersonalInTheStream(t *testing.T) {
	k := newBook(t)
	d := plan(kvk, uuid.NewString(), today)
	d.Note, d.Despite = plain("kanarie-tekst"), &events.Despite{Reason: plain("kanarie-reden")}
	k.must(k.a, d)
	k.must(k.a, &events.EmployerDescribed{Employer: at(kvk), Name: plain("kanarie-naam"), Postcode: plain("8011AA"), Contacts: plain([]events.ContactPerson{{Name: "kanarie-mens"}})})
	for i, m := range k.stream.Stored() {
		for _, word := range []string{"kanarie", "Planner", "038-0000001", "8011AA", `"m1"`} {
			if strings.Contains(string(m.Data), word) {
				t.Errorf("position %d holds %q: %s", i+1, word, m.Data)
			}
		}
	}
}

// TestEraseTexts: every free text about an employer goes, also of what names the
// employer by an approach, a placement or an event only, and by what the last
// correction says; and no other.
func TestEraseTexts(t *testing.T) {
	k := newBook(t)
	approach, placed := uuid.NewString(), uuid.NewString()
	text := func(about string) events.Personal[string] { return plain("tekst over " + about) }
	planned := plan(otherKvK, approach, today) // by mistake
	planned.Note = text(kvk)
	k.must(k.a, planned)
	ref := k.lastRef(k.a)
	k.must(k.a, &events.VisitMoved{Approach: approach, Date: today.AddDays(1), Reason: text(kvk)})
	corrected := plan(kvk, approach, today)
	corrected.Note, corrected.Replaces = text(kvk), ref
	k.must(k.a, corrected)
	k.must(k.a, &events.VisitCalledOff{Approach: approach, Reason: text(kvk)})
	k.must(k.a, &events.PlacementMade{Employer: at(kvk), Placement: placed, Start: today, Kind: "dienstverband", Region: region})
	k.must(k.a, &events.PlacementEnded{Placement: placed, End: today, Reason: text(kvk)})
	mistake := visit(otherKvK, today)
	mistake.Note = text(kvk)
	k.must(k.a, mistake)
	right := visit(kvk, today)
	right.Replaces = k.lastRef(k.a)
	k.must(k.a, right)
	k.must(k.a, &events.EventRetracted{Event: *k.lastRef(k.a), Reason: text(kvk)})
	moved := visit(kvk, today)
	moved.Note = text(otherKvK)
	k.must(k.a, moved)
	away := visit(otherKvK, today)
	away.Note, away.Replaces = text(otherKvK), k.lastRef(k.a)
	k.must(k.a, away)

	if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: kvk, Texts: true, Ground: "verzoek"}, ledger.Caller{}); err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, m := range k.stream.Stored() {
		r, err := events.DecodeRecord(m.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range r.Event.PersonalMembers() {
			b, err := k.ledger.Unseal(t.Context(), r.Event.Source, r.Event.ID, p.Path, *p.Seal)
			switch {
			case p.Kind != events.TextMember || errors.Is(err, ledger.ErrErased):
			case err != nil:
				t.Error(err)
			case strings.Contains(string(b), "over "+kvk):
				t.Errorf("position %d (%s) still says %s", r.Position, r.Event.Type.Name(), b)
			default:
				left++
			}
		}
	}
	if left != 2 {
		t.Errorf("%d texts about the other employer are left, want 2", left)
	}
	checkRebuild(t, k)
}

// TestEraseAgainAfterFailure: the next erasure finishes what failed.
func TestEraseAgainAfterFailure(t *testing.T) {
	k := newBook(t)
	broken := errors.New("no room for the list")
	var listed int
	k.config.OnErased = func(ledger.Erasure) error { listed++; return broken }
	k.reopen()
	k.must(k.b, visit(kvk, today))
	q := ledger.EraseRequest{Partner: k.b.id, Employee: "m2", Ground: "verzoek"}
	if _, err := k.ledger.Erase(t.Context(), q, ledger.Caller{}); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if _, err := k.ledger.Erase(t.Context(), q, ledger.Caller{}); !errors.Is(err, broken) {
		t.Fatalf("once more: %v, want the same: it is not done", err)
	}
	broken = nil
	if _, err := k.ledger.Erase(t.Context(), q, ledger.Caller{}); !errors.Is(err, ledger.ErrNothingToErase) {
		t.Errorf("got %v", err)
	}
	if _, err := k.keys.Get(t.Context(), 1); !errors.Is(err, ledger.ErrErased) || listed != 3 {
		t.Errorf("the key is still there (%v), listed %d times", err, listed)
	}
}

// TestEraseOutlivesItsCaller: somebody who breaks off gets no half an erasure.
func TestEraseOutlivesItsCaller(t *testing.T) {
	k := newBook(t)
	k.must(k.b, visit(kvk, today))
	ctx, stop := context.WithCancel(t.Context())
	k.stream.Hook = func(events.Position, []ledger.Message) (bool, error) { stop(); return true, nil }
	if _, err := k.ledger.Erase(ctx, ledger.EraseRequest{Partner: k.b.id, Employee: "m2", Ground: "verzoek"}, ledger.Caller{}); err != nil {
		t.Error(err)
	}
	if _, err := k.keys.Get(t.Context(), 1); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("the key is still there: %v", err)
	}
}

// TestEraseManyKeys: more than one event can name.
func TestEraseManyKeys(t *testing.T) {
	k := newBook(t)
	const n = 4_500
	var all sync.WaitGroup
	for i := range n {
		v := visit(kvk, today.AddDays(-i%80))
		v.Note = plain("tekst")
		e := k.event(k.a, fmt.Sprint("veel-", i), v)
		all.Go(func() {
			if _, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.a.caller}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	done, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: kvk, Texts: true, Ground: "bewaartermijn"}, ledger.Caller{})
	if err != nil || len(done.Keys) != n {
		t.Fatalf("%d keys, %v", len(done.Keys), err)
	}
	for _, id := range done.Keys {
		if _, err := k.keys.Get(t.Context(), id); !errors.Is(err, ledger.ErrErased) {
			t.Fatalf("key %d: %v", id, err)
		}
	}
	checkChain(t, k)
}

// TestEraseWhileSubmissionsWait: what was sealed before the erasure and comes
// after it is sealed anew.
func TestEraseWhileSubmissionsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newBook(t)
		k.must(k.b, visit(kvk, today))
		release := make(chan struct{})
		k.stream.Hook = func(_ events.Position, m []ledger.Message) (bool, error) {
			if m[0].Name == events.TypeDataErased.Name() {
				<-release
			}
			return true, nil
		}
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.b.id, Employee: "m2", Ground: "verzoek"}, ledger.Caller{}); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // the erasure is at the stream
		e := k.event(k.b, "wachtend", visit(otherKvK, today))
		all.Go(func() {
			if _, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.b.caller}); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait() // sealed with the old key, and in the queue
		close(release)
		all.Wait()
		a, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(otherKvK), Partner: k.a.id})
		if err != nil || a.Call == nil || a.Call.Name != "Bezoeker Twee" {
			t.Errorf("told after the erasure: call %+v, %v", a.Call, err)
		}
		if a, _, err = k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.a.id}); err != nil || a.Call == nil || a.Call.Name != "" {
			t.Errorf("told before it: call %+v, %v", a.Call, err)
		}
		checkChain(t, k)
		checkRebuild(t, k)
	})
}

// TestEraseRefusedPlan: a plan that the agreement refused, offered again after its
// account manager was erased, is still the same.
func TestEraseRefusedPlan(t *testing.T) {
	k := newBook(t)
	k.mustSteward(&events.EmployerSpared{Employer: at(kvk), From: today, Ground: "regio"})
	offer := func() *ledger.Receipt {
		t.Helper()
		d := plan(kvk, "6f0c1f5e-9f0b-4b7e-8a55-0c5d3a0f0a01", today.AddDays(3))
		r, err := k.ledger.Record(t.Context(), ledger.Submission{Event: k.event(k.b, "een", d), Caller: k.b.caller})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	first := offer()
	if first.Outcome != events.Refused {
		t.Fatal(first.Outcome)
	}
	if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.b.id, Employee: "m1", Ground: "verzoek"}, ledger.Caller{Credential: "beheer"}); err != nil {
		t.Fatal(err)
	}
	if again := offer(); again.Position != first.Position || again.Outcome != events.Refused {
		t.Errorf("%s at %d, first at %d", again.Outcome, again.Position, first.Position)
	}
}

// TestSealHidesLength: what remains of an erased name must not tell how long it was.
func TestSealHidesLength(t *testing.T) {
	k := newBook(t)
	lengths := map[int]bool{}
	for _, text := range []string{"ja", "niet vandaag, bel maandag"} {
		v := visit(kvk, today)
		v.Note = plain(text)
		at := k.must(k.a, v).Position
		r, err := events.DecodeRecord(k.stream.Stored()[at-1].Data)
		if err != nil {
			t.Fatal(err)
		}
		note := r.Event.Data.(*events.VisitMade).Note.Seal
		lengths[len(note.Text)] = true
		got, err := k.ledger.Unseal(t.Context(), r.Event.Source, r.Event.ID, "/toelichting", *note)
		if want := `"` + text + `"`; err != nil || string(got) != want {
			t.Errorf("unsealed %q %v, want %q", got, err, want)
		}
	}
	if len(lengths) != 1 {
		t.Errorf("seals of a short and a longer text are %v characters long", lengths)
	}
}
