package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"huisboek/events"
	"huisboek/ledger"
)

// Keys that were read at once open what Unseal opens, also by another key; and nothing of
// which the key was erased, before they were read or after.
func TestUnsealer(t *testing.T) {
	k := newBook(t)
	type sealed struct {
		r    *events.Record
		seal events.Seal
	}
	var all []sealed
	var ids []events.KeyID
	for _, employer := range []string{"69599084", "69599068", "90000001", "90000002"} {
		r := k.stored(k.must(k.a, &events.EmployerDescribed{Employer: events.Employer{KvK: employer}, Name: events.Plainly("Naam " + employer), Gemeente: "GM0193"}).Position)
		m := r.Event.PersonalMembers()[0]
		all, ids = append(all, sealed{r, *m.Seal}), append(ids, m.Seal.Key)
	}
	erase := func(employer string) {
		t.Helper()
		if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: employer, Ground: "verzoek"}, ledger.Caller{}); err != nil {
			t.Fatal(err)
		}
	}
	erase("69599084")
	asked := slices.Clone(ids[:3])
	slices.Sort(asked)
	unseal, err := k.ledger.Unsealer(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	open := func(i int) (string, error) {
		plain, err := unseal(t.Context(), all[i].r.Event.Source, all[i].r.Event.ID, "/naam", all[i].seal)
		return string(plain), err
	}
	for i, want := range []string{"", `"Naam 69599068"`, `"Naam 90000001"`, `"Naam 90000002"`} {
		if got, err := open(i); got != want || (want == "") != errors.Is(err, ledger.ErrErased) {
			t.Errorf("employer %d: %s, %v; want %s", i, got, err, want)
		}
	}
	erase("90000001")
	if got, err := open(2); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("erased after the keys were read: %s, %v", got, err)
	}
	if got, err := open(1); got == "" || err != nil {
		t.Errorf("another: %s, %v", got, err)
	}
}
