package main

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

// testHouse is a book with two partners that have the same name.
func testHouse(t *testing.T) (h *house, one, two string) {
	t.Helper()
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, p := range []struct {
		id    *string
		words newPartner
	}{
		{&one, newPartner{OIN: "00000099000000001000", Name: "Zelfde Naam", Kind: "sw"}},
		{&two, newPartner{KvK: "90004760", Name: "Zelfde Naam", Kind: "sw"}},
	} {
		made, err := h.addPartner(t.Context(), p.words, nil)
		if err != nil {
			t.Fatal(err)
		}
		*p.id = made.Partner
	}
	return h, one, two
}

// What is erased or removed must be whose it was meant to be.
func TestMustPartner(t *testing.T) {
	h, one, two := testHouse(t)
	for word, want := range map[string]string{
		one: one, "00000099000000001000": one, "urn:nld:oin:00000099000000001000": one,
		"90004760": two, "urn:nld:kvknr:90004760": two, "Zelfde Naam": "", "Niemand": "",
	} {
		got := ""
		p, err := h.mustPartner(word)
		if p != nil {
			got = p.ID
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s %v, want %s", word, got, err, want)
		}
	}
}

// A removal that broke off after it was recorded leaves credentials; the same
// words end them.
func TestRemovePartnerFinishes(t *testing.T) {
	h, one, _ := testHouse(t)
	if err := h.say(t.Context(), &events.PartnerDeparted{Partner: one, From: events.DateOf(h.Now())}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.removePartner(t.Context(), oldPartner{Partner: one}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range h.access.List() {
		if c.Partner == one {
			t.Errorf("credential %s (%s) is still there", c.ID, c.Kind)
		}
	}
	if _, err := h.removePartner(t.Context(), oldPartner{Partner: one}, nil); err == nil {
		t.Error("removed twice")
	}
}

// An erasure while verify compares is no difference.
func TestVerifyWhileErasing(t *testing.T) {
	h, one, _ := testHouse(t)
	caller := ledger.Caller{Role: ledger.RolePartner, Partner: one, Credential: "proef", Door: ledger.DoorNATS}
	const people = 12
	for i := range people {
		e, err := events.NewEvent("urn:nld:oin:00000099000000001000:systeem:crm", uuid.NewString(), h.Now(), &events.VisitMade{
			Employer: events.Employer{KvK: "69599084"}, Date: "2026-01-05", Purpose: "overig", Form: "video",
			AccountManager: events.Plainly(events.AccountManager{Employee: fmt.Sprint("m", i), Name: "Proef"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: caller}); err != nil {
			t.Fatal(err)
		}
	}
	var all sync.WaitGroup
	all.Go(func() {
		for i := range people {
			if _, err := h.erase(t.Context(), eraseWords{Partner: one, Employee: fmt.Sprint("m", i), Ground: "verzoek"}, nil); err != nil {
				t.Error(err)
			}
		}
	})
	for range 8 {
		found, err := h.verify(t.Context(), struct{}{}, func(string, uint64, uint64) {})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if f.Fault != "" {
				t.Errorf("%s: %s", f.What, f.Fault)
			}
		}
	}
	all.Wait()
	if err := h.ledger.Err(); err != nil {
		t.Error(err)
	}
}
