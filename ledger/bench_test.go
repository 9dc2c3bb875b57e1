package ledger_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

// BenchmarkRecord is the ledger's own part of recording: the streams are in
// memory, so nothing is waited for but the book's file.
func BenchmarkRecord(b *testing.B) {
	k := newBook(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		n++
		e := k.event(k.a, fmt.Sprint("bench-", n), visit(fmt.Sprintf("%08d", 90000000+n%20000), today.AddDays(-n%300)))
		b.StartTimer()
		if _, err := k.ledger.Record(b.Context(), ledger.Submission{Event: e, Caller: k.a.caller}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecordPlans is the same for plans at employers with a history: each has its
// verdict.
func BenchmarkRecordPlans(b *testing.B) {
	k := newBook(b)
	for i := range 4_000 {
		k.must(k.b, visit(fmt.Sprintf("%08d", 90000000+i%2000), today.AddDays(-i%700)))
	}
	n := 0
	for b.Loop() {
		b.StopTimer()
		n++
		d := plan(fmt.Sprintf("%08d", 90000000+n%2000), uuid.NewString(), today.AddDays(n%60))
		d.AccountManager = manager(fmt.Sprint("m", n%500), "Planner")
		e := k.event(k.a, fmt.Sprint("bench-", n), d)
		b.StartTimer()
		if _, err := k.ledger.Record(b.Context(), ledger.Submission{Event: e, Caller: k.a.caller}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAdviseAll asks about two hundred employers at once.
func BenchmarkAdviseAll(b *testing.B) {
	k := newBook(b)
	var all []events.Employer
	for i := range 200 {
		number := fmt.Sprintf("%08d", 90000000+i)
		all = append(all, at(number))
		for n := range 10 {
			k.must(k.b, visit(number, today.AddDays(-30*n)))
		}
		k.must(k.c, plan(number, uuid.NewString(), today.AddDays(3)))
	}
	for b.Loop() {
		if _, _, err := k.ledger.AdviseAll(b.Context(), ledger.Question{Partner: k.a.id, Purpose: "acquisitie"}, all); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOwnPlans decides on a plan where its maker has ten open ones already,
// and where it has ten thousand.
func BenchmarkOwnPlans(b *testing.B) {
	for _, plans := range []int{10, 10_000} {
		b.Run(fmt.Sprint(plans), func(b *testing.B) {
			k := newBook(b)
			for range plans {
				k.must(k.a, plan(kvk, uuid.NewString(), today))
			}
			for b.Loop() {
				if _, _, err := k.ledger.Advise(b.Context(), ledger.Question{Employer: at(kvk), Partner: k.a.id}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAdvise asks about an employer with ten contacts, and about one with
// ten thousand: the answer must not cost more for a long history.
func BenchmarkAdvise(b *testing.B) {
	for _, contacts := range []int{10, 10_000} {
		b.Run(fmt.Sprint(contacts), func(b *testing.B) {
			k := newBook(b)
			for i := range contacts {
				k.must(k.b, visit(kvk, today.AddDays(-i%3000)))
			}
			for b.Loop() {
				if _, _, err := k.ledger.Advise(b.Context(), ledger.Question{Employer: at(kvk), Partner: k.a.id}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
