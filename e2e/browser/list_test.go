package browser_test

import (
	"net/http"
	"slices"
	"testing"
)

// sheet is a page of the house, and who may see it.
type sheet struct {
	name string
	path string
	by   person   // who looks at it here
	may  []person // who else may; nil: everybody, signed in or not
	// status is what it is answered with when that is not 200.
	status int64
}

// everybody is who can sign in.
var (
	everybody = []person{manager, other, third, partner, board, steward, auditor}
	partners  = []person{manager, other, third, partner}
	readers   = append(slices.Clone(partners), steward)
	totals    = append(slices.Clone(readers), board)
)

// sheets are all pages, with the addresses of the demo's story.
func sheets() []sheet {
	busy, calm := "/werkgevers/"+house.busy, "/werkgevers/"+house.calm
	return []sheet{
		{name: "inloggen", path: "/inloggen"},
		{name: "hulp", path: "/hulp"},
		{name: "toegankelijkheid", path: "/toegankelijkheid"},
		{name: "privacy", path: "/privacy"},
		{name: "geen-pagina", path: "/dat-is-er-niet", status: 404},
		{name: "geen-pagina-ingelogd", path: "/dat-is-er-niet", by: manager, status: 404},
		{name: "niet-voor-u", path: "/stand", by: manager, may: []person{steward}, status: 403},

		{name: "vandaag", path: "/vandaag", by: manager, may: partners},
		{name: "werkgevers", path: "/werkgevers", by: manager, may: readers},
		{name: "werkgevers-gezocht", path: "/werkgevers?zoek=bouw", by: manager, may: readers},
		{name: "werkgevers-niets", path: "/werkgevers?zoek=qqqqzz", by: manager, may: readers},
		{name: "werkgever", path: busy, by: manager, may: readers},
		{name: "werkgever-nieuw", path: calm, by: manager, may: readers},
		{name: "plan", path: busy + "/plan", by: manager, may: partners},
		{name: "bezoek", path: busy + "/bezoek", by: manager, may: partners},
		{name: "vastleggen", path: "/vastleggen", by: manager, may: partners},
		{name: "plannen", path: "/plannen", by: manager, may: readers},
		{name: "benadering", path: house.plan, by: manager, may: readers},
		{name: "oordeel", path: house.verdict, by: manager, may: readers},
		{name: "plannen-week", path: "/plannen?wie=partner&weergave=week", by: manager, may: readers},
		{name: "berichten", path: "/berichten", by: manager, may: partners},
		{name: "botsingen", path: "/botsingen", by: manager, may: readers},
		{name: "mijn-accountmanager", path: "/mijn", by: manager, may: everybody},
		{name: "gevolgd", path: "/gevolgd", by: manager, may: partners},

		{name: "vandaag-beheerder", path: "/vandaag", by: partner, may: partners},
		{name: "aanlevering", path: "/aanlevering", by: partner, may: []person{partner}},
		{name: "partners", path: "/partners", by: partner, may: readers},
		{name: "mijn", path: "/mijn", by: partner, may: everybody},
		{name: "inzagen-beheerder", path: "/inzagen", by: partner, may: []person{partner, auditor}},

		{name: "doelen", path: "/doelen", by: board, may: totals},
		{name: "doel", path: house.targets["Plaatsingen"], by: board, may: totals},
		{name: "doel-banen", path: house.targets["Banen banenafspraak"], by: board, may: totals},
		{name: "verschil", path: house.targets["Plaatsingen"] + "/verschil?" + difference(), by: board, may: totals},
		{name: "bereik", path: "/bereik", by: board, may: totals},
		{name: "signalen", path: "/signalen", by: board, may: totals},

		{name: "stand", path: "/stand", by: steward, may: []person{steward}},
		{name: "werkgever-regisseur", path: busy, by: steward, may: readers},
		{name: "afspraken", path: "/afspraken", by: steward, may: totals},
		{name: "dubbel", path: "/dubbel", by: steward, may: []person{steward}},
		{name: "dubbelen", path: "/dubbelen", by: steward, may: readers},

		{name: "inzagen", path: "/inzagen", by: auditor, may: []person{partner, auditor}},
		{name: "mijn-auditor", path: "/mijn", by: auditor, may: everybody},
	}
}

// TestWhoMay: each page is answered to whom it is for, and to nobody else; who is not
// signed in is asked to, and everything that changes something wants to be signed in.
func TestWhoMay(t *testing.T) {
	need(t)
	for _, who := range append(slices.Clone(everybody), nobody) {
		c := signIn(t, who)
		for _, s := range sheets() {
			want := http.StatusOK
			switch {
			case s.status == http.StatusNotFound:
				want = http.StatusNotFound
			case s.may == nil:
			case who == nobody:
				want = http.StatusSeeOther
			case !slices.Contains(s.may, who):
				want = http.StatusForbidden
			}
			if s.path == "/inloggen" && who != nobody {
				want = http.StatusSeeOther
			}
			if got := c.get(t, s.path); got.StatusCode != want {
				t.Errorf("%s as %q: %d, want %d", s.path, who, got.StatusCode, want)
			}
		}
	}
}
