package main

import (
	"strings"
	"testing"

	"huisboek/adapters/regions"
	"huisboek/events"
)

func TestCheckTerritory(t *testing.T) {
	h := &house{folder: &folder{Region: "AM36"}}
	for _, c := range []struct {
		name    string
		t       territory
		on      events.Date
		refused string // of the error
		warned  string // of the one warning
	}{
		{name: "OK", t: territory{Gemeenten: []string{"GM0193", "GM0148"}, Regions: []string{"AM36", "AM06"}}, on: "2026-11-22"},
		{name: "Nothing", on: "2026-11-22"},
		{name: "OfAnotherOfItsRegions", t: territory{Gemeenten: []string{"GM0246"}, Regions: []string{"AM36", "AM06"}}, on: "2026-11-22"},
		{name: "NotCertainCounts", t: territory{Gemeenten: []string{"GM0246"}}, on: "2018-06-01"},
		{name: "Unknown", t: territory{Gemeenten: []string{"GM193"}}, on: "2026-11-22", refused: `no municipality "GM193"; near it: GM0193 Zwolle`},
		{name: "UnknownAndNoneNear", t: territory{Gemeenten: []string{"GM9999"}}, on: "2026-11-22", refused: "up to 2023-01-01"},
		{name: "Merged", t: territory{Gemeenten: []string{"GM0457"}}, on: "2022-03-24", refused: "GM0457 Weesp no longer exists since 2022-03-24: give GM0363 Amsterdam"},
		{name: "NotMergedYet", t: territory{Gemeenten: []string{"GM0457"}}, on: "2022-03-23", warned: "GM0457 Weesp lies in AM12, not in AM36"},
		{name: "NotYet", t: territory{Gemeenten: []string{"GM1980"}}, on: "2021-12-31", refused: "GM1980 Dijk en Waard does not exist before 2022-01-01"},
		{name: "Elsewhere", t: territory{Gemeenten: []string{"GM0344"}}, on: "2026-11-22", warned: "GM0344 Utrecht lies in AM13, not in AM36: taken in all the same"},
		{name: "InDoubt", t: territory{Gemeenten: []string{"GM0274"}}, on: "2026-11-22", warned: "perhaps AM38 or perhaps AM07"},
		{name: "NoRegion", t: territory{Regions: []string{"AM36", "AM04"}}, on: "2026-11-22", refused: `"AM04" is none of the 35`},
		{name: "NotThisRegion", t: territory{Regions: []string{"AM06"}}, on: "2026-11-22", warned: "AM36, the region of this book"},
	} {
		t.Run(c.name, func(t *testing.T) {
			warnings, err := h.check(&c.t, c.on)
			switch {
			case c.refused != "":
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("%v, want %q", err, c.refused)
				}
			case err != nil:
				t.Error(err)
			case c.warned == "" && len(warnings) > 0, c.warned != "" && (len(warnings) != 1 || !strings.Contains(warnings[0], c.warned)):
				t.Errorf("warnings %q, want %q", warnings, c.warned)
			}
		})
	}
}

// A house goes by the file that it was given.
func TestRegionsGiven(t *testing.T) {
	given, err := regions.Parse([]byte(`{"versie": 1, "vanaf": "2015-01-01", "bijgewerktTot": "2030-01-01",
		"bronnen": [{"sleutel": "b", "tekst": "Bron.", "licentie": "Vrij."}],
		"arbeidsmarktregios": [{"code": "AM36", "naam": "Regio Zwolle"}],
		"gemeenten": [{"code": "GM9999", "naam": "Nieuwstad", "van": "2029-01-01", "lid": [{"regio": "AM36", "zekerVan": "2029-01-01", "bronnen": ["b"]}]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{settings: settings{Regions: given}, folder: &folder{Region: "AM36"}}
	if warnings, err := h.check(&territory{Gemeenten: []string{"GM9999"}}, "2029-01-01"); err != nil || len(warnings) > 0 {
		t.Errorf("%v %v", warnings, err)
	}
}
