package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"huisboek/events"
)

// For whom keys were drawn is not remembered of ever more people: the book says it once
// it is recorded, and each still has one key.
func TestSubjectsAreLetGo(t *testing.T) {
	k := newBook(t)
	const most = 5
	k.ledger.Drawn(most)
	keys := map[events.KeyID]bool{}
	for range 3 {
		for i := range 4 * most {
			v := visit(kvk, today)
			v.AccountManager = manager(fmt.Sprint("m", i), "Bezoeker")
			r := k.stored(k.must(k.a, v).Position)
			at := slices.IndexFunc(r.Event.PersonalMembers(), func(m events.Member) bool { return m.Kind == events.PersonMember })
			keys[r.Event.PersonalMembers()[at].Seal.Key] = true
		}
	}
	if n := k.ledger.Drawn(most); n > most {
		t.Errorf("%d people are remembered, want at most %d", n, most)
	}
	if len(keys) != 4*most {
		t.Errorf("%d people have %d keys", 4*most, len(keys))
	}
}
