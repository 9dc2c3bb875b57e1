package search_test

import (
	"slices"
	"strings"
	"testing"

	"huisboek/events"
	"huisboek/projections/search"
)

// What people type, and who comes first: twenty examples, each in some spellings.
// They hold for a demo and for a region.
var examples = []struct {
	typed string // separated by " | "
	first string // key
	why   string // the codes, all of them
}{
	// Numbers.
	{"69599068 | 6959 9068 | kvk 69599068", "69599068", "kvk-nummer"},
	{"5534452 | 55344", "55344526", "begin-van-nummer"},
	{"000099000001 | 0000 9900 0001", "00900001", "vestigingsnummer"},
	{"DE-HRB-204711 | de hrb 204711 | HRB 204711 | 204711", "DE-HRB-204711", "nummer"},
	{provisional + " | 6D1F7A52-3C0E-4F5B-9A51-2F9F4D1C7E11", provisional, "nummer"},
	// The whole name, however it is written.
	{"Tesbalmark Bakkerij B.V. | tesbalmark bakkerij | TESBALMARK BAKKERIJ BV | bakkerij tesbalmark b v", "68727720", "naam"},
	{"Café Zoë & Zonen B.V. | cafe zoe en zonen | CAFE ZOE + ZONEN | café zoë and zonen bv", "00900001", "naam"},
	{"Grünfink & Söhne GmbH | grunfink und sohne", "DE-HRB-204711", "naam"},
	{"rijnwijk ijssalon | rynwyk yssalon | Rĳnwĳk Ĳssalon", "00900004", "naam"},
	{"sint annahoeve | st annahoeve | St. Annahoeve | Annahoeve, St", "00900005", "naam"},
	{"stichting holding | holding, stichting", "00900003", "naam"},
	{"de zwaluw | zwaluw vof", "00900006", "naam"},
	{"v.d. zwaluw bv | van der Zwaluw B.V.", "00900007", "naam"},
	// Words glued and split.
	{"kwartelbouw zwolle | kwartel bouw zwolle", provisional, "naam plaats"},
	{"kwartelbouw raalte | kwartel-bouw raalte", "00900002", "naam plaats"},
	// What is still being typed, and what is typed wrong.
	{"silnumoo | silnumoord eeth", "68750110", "begin-van-naam"},
	{"dorgerooord | dorgerord | dorgreoord | dorgaroord", "90001354", "tikfout"},
	{"tesblama | tesbakmar", "68727720", "tikfout"},
	// Place and postcode narrow, and of equals the last contact comes first.
	{"distelvink schoonmaak | distelvink schoonmaak bv", "00900008", "naam"},
	{"schoonmaak 8011 | schoonmaak 8011CD | schoonmaak 8011 cd zwolle", "00900009", "woord-uit-naam"},
}

func TestExamples(t *testing.T) {
	if len(examples) != 20 {
		t.Fatalf("%d examples", len(examples))
	}
	inBoth(t, func(t *testing.T, x *search.Index) {
		for _, tt := range examples {
			for typed := range strings.SplitSeq(tt.typed, " | ") {
				hits, total := x.Find(typed, 0, 3)
				if len(hits) == 0 || hits[0].Keys[0] != tt.first {
					t.Errorf("%q: %s, want %s", typed, shown(hits), tt.first)
					continue
				}
				for code := range strings.FieldsSeq(tt.why) {
					if !slices.Contains(hits[0].Why, code) {
						t.Errorf("%q: found by %v, want %q", typed, hits[0].Why, tt.why)
					}
				}
				if strings.Contains(tt.why, "nummer") && !strings.Contains(tt.why, "begin") != (hits[0].Score == 100) {
					t.Errorf("%q: score %d", typed, hits[0].Score)
				}
				if total < len(hits) {
					t.Errorf("%q: %d hits of %d", typed, len(hits), total)
				}
			}
		}
	})
}

func shown(hits []search.Hit) string {
	var b strings.Builder
	for _, h := range hits {
		b.WriteString(strings.Join(h.Keys, "=") + " " + strings.Join(h.Names, "/") + " " + h.Place + " " + h.Postcode + " " + strings.Join(h.Why, ",") + "; ")
	}
	return b.String()
}

// The order of hits: match, last contact, key.
func TestRanking(t *testing.T) {
	entry := func(key, name, place, postcode string, contact events.Date) search.Entry {
		return search.Entry{Keys: []string{key}, Names: []string{name}, Place: place, Postcode: postcode, LastContact: contact}
	}
	x := fill([]search.Entry{
		entry("00000001", "Kievit", "Ommen", "7731AA", ""),
		entry("00000002", "Kievit Bouw", "Ommen", "7731AB", "2026-11-01"),
		entry("00000003", "Kievitsnest", "Ommen", "7731AC", "2026-11-02"),
		entry("00000004", "Kiewit", "Ommen", "7731AD", "2026-11-03"),
		entry("00000005", "Kievit Bouw", "Meppel", "7941AA", "2026-11-04"),
		entry("00000006", "Kievit Zorg", "Ommen", "7731AE", ""),
		entry("00000007", "Bouw", "Kievit", "1234AB", "2026-11-05"),
		{Keys: []string{"00000008"}, Names: []string{"Wielewaal", "Kievit"}, LastContact: "2026-11-06"},
	})
	for _, tt := range []struct{ typed, want string }{
		{"kievit", "1 8 5 2 6 3 4 7"},
		{"kievit bouw", "7 5 2"}, // Bouw in Kievit has all of its name, and the place
		{"kievit ommen", "1 2 6 3 4"},
		{"kievit 7731ab", "2"},
		{"kievit 7731", "1 2 6 3 4"},
		{"7731 ab", "2"},
		{"ommen", "4 3 2 1 6"},
		{"kievit hasselt", "1 8 5 2 6 3"}, // nobody there: then all but that
		{"hasselt bouw", "7 5 2"},
		{"zzzz ommen", ""},
		{"wielewaal bouw", "8 7 5 2"},
	} {
		hits, total := x.Find(tt.typed, 0, 20)
		var got []string
		for _, h := range hits {
			got = append(got, strings.TrimLeft(h.Keys[0], "0"))
		}
		if strings.Join(got, " ") != tt.want || total != len(got) {
			t.Errorf("%q: %v (%d), want %s: %s", tt.typed, got, total, tt.want, shown(hits))
		}
	}
}

// Pages follow each other, and go no deeper than is said.
func TestPages(t *testing.T) {
	x := large()
	if testing.Short() {
		x = small()
	}
	all, total := x.Find("transport", 0, search.MaxDepth+100)
	if want := min(total, search.MaxDepth); len(all) != want {
		t.Fatalf("%d of %d, want %d", len(all), total, want)
	}
	for i, h := range all[:min(len(all), 300)] {
		if i > 0 && all[i-1].Score < h.Score {
			t.Fatalf("hit %d has score %d after %d", i, h.Score, all[i-1].Score)
		}
	}
	var paged []string
	for skip := 0; skip < 300; skip += 37 {
		hits, n := x.Find("transport", skip, 37)
		if n != total {
			t.Errorf("total %d, then %d", total, n)
		}
		for _, h := range hits {
			paged = append(paged, h.Keys[0])
		}
	}
	for i, key := range paged {
		if all[i].Keys[0] != key {
			t.Fatalf("hit %d is %s on its page and %s in the list", i, key, all[i].Keys[0])
		}
	}
	for _, tt := range []struct{ skip, limit int }{{search.MaxDepth, 10}, {1 << 40, 10}, {0, 0}, {0, -1}} {
		if hits, n := x.Find("transport", tt.skip, tt.limit); len(hits) != 0 || n != total {
			t.Errorf("skip %d limit %d: %d hits of %d", tt.skip, tt.limit, len(hits), n)
		}
	}
	if hits, _ := x.Find("transport", -5, 1); len(hits) != 1 || hits[0].Keys[0] != all[0].Keys[0] {
		t.Errorf("skip below zero: %s", shown(hits))
	}
}

// What was erased or dropped is found by nothing that it was known by, and a key
// that moves to another entry leaves nothing behind.
func TestPutAndDrop(t *testing.T) {
	x := search.New()
	x.Put(search.Entry{
		Keys: []string{"00000001", "voorlopig-1"}, Establishments: []string{"000000000001"}, Names: []string{"Roodborst B.V.", "Koolmees"},
		Place: "Ommen", Postcode: "7731AA", LastContact: "2026-11-01",
	})
	ways := []string{"roodborst", "koolmees", "koolmeez", "roodb", "ommen", "7731AA", "7731", "000000000001"}
	for _, w := range append(ways, "00000001", "voorlopig-1") {
		if _, total := x.Find(w, 0, 1); total != 1 {
			t.Errorf("%q finds %d", w, total)
		}
	}
	x.Put(search.Entry{Keys: []string{"00000001"}}) // the card was erased
	for _, w := range append(ways, "voorlopig-1") {
		if hits, total := x.Find(w, 0, 1); total != 0 {
			t.Errorf("erased, and %q finds %s", w, shown(hits))
		}
	}
	if e, ok := x.Entry("00000001"); !ok || len(e.Names) != 0 || x.Len() != 1 {
		t.Errorf("entry %+v %t of %d", e, ok, x.Len())
	}
	x.Put(search.Entry{Keys: []string{"00000002"}, Names: []string{"Winterkoning"}})
	x.Put(search.Entry{Keys: []string{"00000003", "00000001", "00000002"}, Names: []string{"Winterkoninkje"}}) // linked: one entry for both
	if hits, total := x.Find("winterkoning", 0, 9); total != 1 || hits[0].Keys[0] != "00000003" || x.Len() != 1 {
		t.Errorf("linked: %s of %d", shown(hits), x.Len())
	}
	if hits, _ := x.Find("00000002", 0, 9); len(hits) != 1 || hits[0].Keys[0] != "00000003" {
		t.Errorf("by a linked number: %s", shown(hits))
	}
	x.Drop("00000002")
	x.Drop("00000002")
	x.Put(search.Entry{Names: []string{"nobody"}})
	if _, total := x.Find("winterkoninkje", 0, 9); total != 0 || x.Len() != 0 {
		t.Errorf("dropped: %d of %d", total, x.Len())
	}
}

// Nothing that may be typed is slow or breaks anything.
func TestStrangeQuestions(t *testing.T) {
	inBoth(t, func(t *testing.T, x *search.Index) {
		for _, typed := range []string{
			"", " ", "&", "\x00", "\xff\xfe", "...", "-", "'", strings.Repeat("a", 2000), strings.Repeat("a b ", 500), strings.Repeat("9", 2000),
			strings.Repeat("bakkerij transport bouw zwolle ", 60), strings.Repeat("’", 700), strings.Repeat("ﷺ", 600), "a", "e", "9", "de", "bv", "%_*?", "日本",
		} {
			hits, total := x.Find(typed, 0, 20)
			if len(hits) > 20 || total < len(hits) {
				t.Errorf("%.20q: %d hits of %d", typed, len(hits), total)
			}
		}
	})
}
