package main

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

// Erasing an employer under one key says under which others it is still described:
// nothing more is erased than was asked, and nothing is forgotten in silence.
func TestEraseNamesOtherKeys(t *testing.T) {
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	made, err := h.addPartner(t.Context(), newPartner{OIN: "00000099000000001000", Name: "Partner", Kind: "gemeente"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	caller := ledger.Caller{Role: ledger.RolePartner, Partner: made.Partner, Credential: "proef", Door: ledger.DoorNATS}
	provisional := "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e10"
	for id, e := range map[string]events.Employer{"1": {KvK: "69599084"}, "2": {Provisional: provisional}} {
		name := "Schildersbedrijf"
		d := &events.EmployerDescribed{Employer: e}
		d.Name.Plain = &name
		event, err := events.NewEvent("urn:nld:oin:00000099000000001000:systeem:crm", id, time.Now(), d)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.ledger.Record(t.Context(), ledger.Submission{Event: event, Caller: caller}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.say(t.Context(), &events.EmployersLinked{
		Employer: events.WholeEmployer{Provisional: provisional}, With: events.WholeEmployer{KvK: "69599084"}, Kind: "dezelfde",
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.waitForViews(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		employer string
		others   []string
	}{{"69599084", []string{"voorlopig-" + provisional}}, {"voorlopig-" + provisional, nil}} { // the first is erased by then
		done, err := h.erase(t.Context(), eraseWords{Employer: c.employer, Ground: "verzoek"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(done.Others, c.others) {
			t.Errorf("erased %s: also described as %q, want %q", c.employer, done.Others, c.others)
		}
	}
}
