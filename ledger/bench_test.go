package ledger_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

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
