package search_test

import (
	"slices"
	"strings"
	"testing"

	"huisboek/projections/search"
)

func TestFold(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{"Jansen Bouw B.V.", "jansen bouw bv"},
		{"JANSEN  BOUW b v", "jansen bouw bv"},
		{"Café-Restaurant Zoë's", "cafe restaurant zoes"},
		{"A. & B. v.d. Zwaluw V.O.F.", "a en b vd zwaluw vof"},
		{"J.A. Roodborst B.V. i.o.", "ja roodborst bv io"},
		{"J A Roodborst", "ja roodborst"},
		{"H+K and L", "h en k en l"},
		{"St. Annahoeve", "sint annahoeve"},
		{"Gebr. Mees", "gebroeders mees"},
		{"'t Hof van ’s-Heeren", "t hof van s heeren"},
		{"Ĳssalon Æble Øst Łódź Straße", "ijssalon aeble ost lodz strasse"},
		{"ＡＢＣ １２３ ①", "abc 123 1"},
		{"Coöperatie Zuivel U.A.", "cooperatie zuivel ua"},
		{"Garage2000 24/7", "garage2000 24 7"},
		{"een\u200bwoord\u0000twee", "eenwoord twee"},
		{"日本 Ελλάς", "日本 ελλασ"},
		{strings.Repeat("woord ", 100), strings.TrimSpace(strings.Repeat("woord ", 16))},
		{strings.Repeat("x", 100), strings.Repeat("x", 40)},
	} {
		if got := strings.Join(search.Fold(tt.text), " "); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Jansen & Zn. B.V.", "J.A. B C.D e", "İĳ ﬁ ß ŉ ﷺ", "a'b'c ’t", "\xff.\xf0", "ᾳ ͅa ẞ ſ", "ͅ", "st. gebr", "a.b c.d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := search.Fold(s)
		again := search.Fold(strings.Join(once, " "))
		if !slices.Equal(once, again) {
			t.Errorf("Fold(%q) = %q, and folded again %q", s, once, again)
		}
	})
}
