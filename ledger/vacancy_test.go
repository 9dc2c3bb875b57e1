package ledger_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

func vacancy(kvk, id string, count int) *events.VacancyReported {
	return &events.VacancyReported{Employer: at(kvk), Vacancy: id, Occupation: "Kok", Count: count}
}

// filled is so many places of a vacancy; 0 is all that were left.
func filled(id string, count int) *events.VacancyFilled {
	d := &events.VacancyFilled{Vacancy: id, Date: today}
	if count > 0 {
		d.Count = &count
	}
	return d
}

// TestVacancies: what a partner says of a vacancy after what was said before.
func TestVacancies(t *testing.T) {
	id, other := uuid.NewString(), uuid.NewString()
	gone := &events.VacancyWithdrawn{Vacancy: id}
	retract := func(r *events.Ref) events.Data { return &events.EventRetracted{Event: *r} }
	for _, c := range []struct {
		name  string
		given func(k *book) events.Data // what is said next
		codes []string
	}{
		{"filled", func(k *book) events.Data { return filled(id, 1) }, nil},
		{"all filled", func(k *book) events.Data { return filled(id, 0) }, nil},
		{"more filled than asked", func(k *book) events.Data { return filled(id, 9) }, nil},
		{"withdrawn", func(k *book) events.Data { return gone }, nil},
		{"filled when one of two is left", func(k *book) events.Data { k.must(k.a, filled(id, 1)); return filled(id, 3) }, nil},
		{"withdrawn when one of two is left", func(k *book) events.Data { k.must(k.a, filled(id, 1)); return gone }, nil},
		{"filled when none is left", func(k *book) events.Data { k.must(k.a, filled(id, 2)); return filled(id, 1) }, []string{"/data/vacature vacature-gesloten"}},
		{"filled when all were", func(k *book) events.Data { k.must(k.a, filled(id, 0)); return filled(id, 1) }, []string{"/data/vacature vacature-gesloten"}},
		{"withdrawn when all were filled", func(k *book) events.Data { k.must(k.a, filled(id, 0)); return gone }, []string{"/data/vacature vacature-gesloten"}},
		{"filled when withdrawn", func(k *book) events.Data { k.must(k.a, gone); return filled(id, 1) }, []string{"/data/vacature vacature-gesloten"}},
		{"withdrawn twice", func(k *book) events.Data { k.must(k.a, gone); return gone }, []string{"/data/vacature vacature-gesloten"}},
		{"filled after a retracted withdrawal", func(k *book) events.Data {
			k.must(k.a, gone)
			k.must(k.a, retract(k.lastRef(k.a)))
			return filled(id, 0)
		}, nil},
		{"filled after a retracted filling", func(k *book) events.Data {
			k.must(k.a, filled(id, 0))
			k.must(k.a, retract(k.lastRef(k.a)))
			return filled(id, 2)
		}, nil},
		{"filled after a corrected filling", func(k *book) events.Data {
			k.must(k.a, filled(id, 0))
			d := filled(id, 1)
			d.Replaces = k.lastRef(k.a)
			k.must(k.a, d)
			return filled(id, 1)
		}, nil},
		{"a filling corrected after the vacancy closed", func(k *book) events.Data {
			k.must(k.a, filled(id, 1))
			d := filled(id, 1)
			d.Replaces, d.Date = k.lastRef(k.a), today.AddDays(-1)
			k.must(k.a, filled(id, 0))
			return d
		}, nil},
		{"filled after more are looked for", func(k *book) events.Data {
			first := k.reportedRef()
			k.must(k.a, filled(id, 2))
			d := vacancy(kvk, id, 3)
			d.Replaces = first
			k.must(k.a, d)
			return filled(id, 1)
		}, nil},
		{"a vacature twice", func(k *book) events.Data { return vacancy(kvk, id, 1) }, []string{"/data/vacature vacature-bestaat"}},
		{"another's under the same id", func(k *book) events.Data { k.must(k.b, vacancy(otherKvK, other, 1)); return vacancy(kvk, other, 1) }, nil},
		{"another's filled", func(k *book) events.Data { k.must(k.b, vacancy(kvk, other, 1)); return filled(other, 1) }, []string{"/data/vacature onbekende-vacature"}},
		{"of nobody, filled", func(k *book) events.Data { return filled(uuid.NewString(), 1) }, []string{"/data/vacature onbekende-vacature"}},
		{"of nobody, withdrawn", func(k *book) events.Data { return &events.VacancyWithdrawn{Vacancy: other} }, []string{"/data/vacature onbekende-vacature"}},
		{"filled after its report was retracted", func(k *book) events.Data { k.must(k.a, retract(k.reportedRef())); return filled(id, 1) }, []string{"/data/vacature onbekende-vacature"}},
		{"reported again after it was retracted", func(k *book) events.Data { k.must(k.a, retract(k.reportedRef())); return vacancy(otherKvK, id, 1) }, nil},
		{"corrected with another vacature", func(k *book) events.Data {
			d := vacancy(kvk, other, 1)
			d.Replaces = k.reportedRef()
			return d
		}, []string{"/data/vacature andere-vacature"}},
		{"a filling corrected to another vacature", func(k *book) events.Data {
			k.must(k.a, filled(id, 1))
			d := filled(other, 1)
			d.Replaces = k.lastRef(k.a)
			k.must(k.a, vacancy(kvk, other, 1))
			return d
		}, []string{"/data/vacature andere-vacature"}},
		{"a filling corrected with a withdrawal", func(k *book) events.Data {
			k.must(k.a, filled(id, 1))
			return &events.VacancyWithdrawn{Vacancy: id, Replaces: k.lastRef(k.a)}
		}, []string{"/data/vervangt ander-type"}},
		{"another's report corrected", func(k *book) events.Data {
			k.must(k.b, vacancy(kvk, other, 1))
			d := vacancy(kvk, other, 2)
			d.Replaces = k.lastRef(k.b)
			return d
		}, []string{"/data/vervangt niet-van-u"}},
		{"a signal", func(k *book) events.Data { return &events.SignalNoted{Employer: at(kvk), Theme: "scholing"} }, nil},
		{"a signal corrected", func(k *book) events.Data {
			k.must(k.a, &events.SignalNoted{Employer: at(kvk), Theme: "scholing", Text: plain("Vraagt om taalles.")})
			return &events.SignalNoted{Employer: at(kvk), Theme: "taal", Text: plain("Vraagt om taalles."), Replaces: k.lastRef(k.a)}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			k.must(k.a, vacancy(kvk, id, 2))
			_, err := k.record(k.a, c.given(k))
			if got := faultCodes(err); !slices.Equal(got, c.codes) || (err == nil) != (c.codes == nil) {
				t.Errorf("%v, want %v", err, c.codes)
			}
			checkRebuild(t, k)
		})
	}
}

// reportedRef is the vacancy with which TestVacancies begins.
func (k *book) reportedRef() *events.Ref {
	return &events.Ref{Source: k.a.source(), ID: "melding-0004"}
}

// The receipt of a filled or withdrawn vacancy is about the vacancy's employer,
// also after that was corrected, and its subject must be that employer's number.
func TestVacancyReceipt(t *testing.T) {
	k := newBook(t)
	id := uuid.NewString()
	k.must(k.b, visit(otherKvK, today))
	k.must(k.a, vacancy(kvk, id, 5))
	moved := vacancy(otherKvK, id, 5)
	moved.Replaces = k.lastRef(k.a)
	k.must(k.a, moved)
	first := k.must(k.a, filled(id, 1))
	for when, r := range map[string]*ledger.Receipt{"first": first, "again": k.again(k.a, filled(id, 1))} {
		if r.Outcome != events.Free || len(r.Reasons) != 0 || r.LastVisit == nil {
			t.Errorf("%s: %+v", when, r)
		}
	}
	e := k.event(k.a, k.id(), &events.VacancyWithdrawn{Vacancy: id})
	e.Subject = kvk
	if _, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.a.caller}); !slices.Equal(faultCodes(err), []string{"/subject ander-onderwerp"}) {
		t.Errorf("under the number it no longer has: %v", err)
	}
	if v := k.stored(first.Position); v.Root() != k.stored(v.Root()).Position || k.stored(v.Root()).Event.Type != events.TypeVacancyReported {
		t.Errorf("the filling rests on %d", v.Root())
	}
	checkRebuild(t, k)
}
