package regions_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"huisboek/adapters/regions"
	"huisboek/events"
)

// small is a file with one region, and with what a test puts in for the municipalities.
func small(gemeenten ...string) string {
	return fmt.Sprintf(`{"versie": 1, "vanaf": "2015-01-01", "bijgewerktTot": "2026-01-01",
	"bronnen": [{"sleutel": "b", "tekst": "Bron.", "licentie": "Vrij."}],
	"arbeidsmarktregios": [{"code": "AM01", "naam": "Een"}, {"code": "AM02", "naam": "Twee"}],
	"gemeenten": [%s]}`, strings.Join(gemeenten, ",\n"))
}

const (
	plain = `{"code": "GM0001", "naam": "A", "lid": [{"regio": "AM01", "zekerVan": "2015-01-01", "bronnen": ["b"]}]}`
	ended = `{"code": "GM0002", "naam": "B", "tot": "2022-01-01", "opgegaanIn": "GM0001", "lid": [{"regio": "AM02", "zekerVan": "2015-01-01", "bronnen": ["b"]}]}`
)

func TestParse(t *testing.T) {
	with := func(members string) string {
		return small(`{"code": "GM0001", "naam": "A", "van": "2015-01-01", "tot": "2023-01-01", "lid": [` + members + `]}`)
	}
	for _, c := range []struct {
		name, file string
		want       []string // of the error, each on its own line; none is well
	}{
		{"OK", small(plain, ended), nil},
		{"NoRegion", small(`{"code": "GM0001", "naam": "A", "lid": []}`), nil},
		{"Both", with(`{"regio": "AM01", "zekerVan": "2015-01-01", "zekerTot": "2016-01-01", "misschienTot": "2018-01-01", "bronnen": ["b"]},
			{"regio": "AM02", "misschienVan": "2016-01-01", "zekerVan": "2018-01-01", "bronnen": ["b"]}`), nil},
		{"Empty", ``, []string{"EOF"}},
		{"NoObject", `[]`, []string{"array"}},
		{"WrongKind", `{"versie": "1"}`, []string{"/versie"}},
		{"UnknownMember", `{"versie": 1, "gemeente": []}`, []string{`"gemeente"`}},
		{"NothingSaid", `{}`, []string{"versie: 0 is not 1", "vanaf: is missing", "bijgewerktTot: is missing", "arbeidsmarktregios: is empty"}},
		{"Version", strings.Replace(small(plain), `"versie": 1`, `"versie": 2`, 1), []string{"versie: 2 is not 1"}},
		{"Until", strings.Replace(small(plain), "2026-01-01", "2014-01-01", 1), []string{`bijgewerktTot "2014-01-01" comes before vanaf "2015-01-01"`}},
		{"NoDay", strings.Replace(small(plain), "2026-01-01", "2026-02-30", 1), []string{`bijgewerktTot: "2026-02-30" is not a day`}},
		{"SourceTwice", strings.Replace(small(plain), `"bronnen": [`, `"bronnen": [{"sleutel": "b", "tekst": "", "licentie": "Vrij."}, `, 1),
			[]string{`bronnen[0] ("b").tekst: is missing`, `bronnen[1] ("b"): comes twice`}},
		{"RegionCode", strings.Replace(small(), `"code": "AM02"`, `"code": "am2"`, 1), []string{`arbeidsmarktregios[1] ("am2"): is no code`}},
		{"RegionTwice", strings.Replace(small(), `"code": "AM02"`, `"code": "AM01"`, 1), []string{`arbeidsmarktregios[1] ("AM01"): comes twice`}},
		{"RegionOrder", strings.Replace(small(), `"code": "AM01"`, `"code": "AM03"`, 1), []string{`arbeidsmarktregios[1] ("AM02"): does not come after "AM03"`}},
		{"GemeenteCode", small(`{"code": "0001", "naam": "A", "lid": []}`), []string{`gemeenten[0] ("0001"): is no code`}},
		{"GemeenteTwice", small(plain, plain), []string{`gemeenten[1] ("GM0001"): comes twice`}},
		{"NoName", small(`{"code": "GM0001", "naam": "", "lid": []}`), []string{`gemeenten[0] ("GM0001").naam: is missing`}},
		{"LongName", small(`{"code": "GM0001", "naam": "` + strings.Repeat("a", 1001) + `", "lid": []}`), []string{"naam: is longer than 1000 bytes"}},
		{"Escape", small(`{"code": "GM0001", "naam": "\u001b[2J", "lid": []}`), []string{"naam: has characters that cannot be shown"}},
		{"EscapeInCode", small(`{"code": "\u001b[2J", "naam": "A", "lid": []}`), []string{`gemeenten[0] ("\x1b[2J"): is no code`}},
		{"UntilFirst", small(`{"code": "GM0001", "naam": "A", "van": "2022-01-01", "tot": "2022-01-01", "lid": []}`),
			[]string{`tot "2022-01-01" does not come after van "2022-01-01"`}},
		{"HeirUnknown", small(ended), []string{`gemeenten[0] ("GM0002").opgegaanIn: "GM0001" is not in the file`}},
		{"HeirWithoutDay", small(plain, `{"code": "GM0002", "naam": "B", "opgegaanIn": "GM0001", "lid": []}`), []string{"opgegaanIn: without tot"}},
		{"HeirOfItself", small(`{"code": "GM0001", "naam": "A", "tot": "2022-01-01", "opgegaanIn": "GM0001", "lid": []}`), []string{`GM0001 does not exist on "2022-01-01"`}},
		{"HeirTooLate", small(`{"code": "GM0001", "naam": "A", "van": "2022-01-02", "lid": []}`, ended), []string{`GM0001 does not exist on "2022-01-01"`}},
		{"HeirsInARing", small(`{"code": "GM0001", "naam": "A", "tot": "2022-01-01", "opgegaanIn": "GM0002", "lid": []}`, ended),
			[]string{`GM0002 does not exist on "2022-01-01"`, `GM0001 does not exist on "2022-01-01"`}},
		{"RegionUnknown", with(`{"regio": "AM09", "zekerVan": "2015-01-01", "bronnen": ["b"]}`), []string{`gemeenten[0] ("GM0001").lid[0] ("AM09").regio: "AM09" is not in the file`}},
		{"NoSource", with(`{"regio": "AM01", "zekerVan": "2015-01-01", "bronnen": []}`), []string{"bronnen: is empty"}},
		{"SourceUnknown", with(`{"regio": "AM01", "zekerVan": "2015-01-01", "bronnen": ["c"]}`), []string{`bronnen: "c" is not in the file`}},
		{"CertainDay", with(`{"regio": "AM01", "zekerVan": "2015", "bronnen": ["b"]}`), []string{`zekerVan: "2015" is not a day`}},
		{"WhyNot", with(`{"regio": "AM01", "bronnen": ["b"]}`), []string{"noot: is missing"}},
		{"EndWithoutBegin", with(`{"regio": "AM01", "zekerTot": "2016-01-01", "bronnen": ["b"], "noot": "Zo."}`), []string{"zekerTot: without zekerVan"}},
		{"Outside", with(`{"regio": "AM01", "zekerVan": "2014-12-31", "bronnen": ["b"]}`), []string{`"2014-12-31" lies outside the days of the municipality`}},
		{"MaybeFirst", with(`{"regio": "AM01", "misschienVan": "2017-01-01", "zekerVan": "2016-01-01", "bronnen": ["b"]}`),
			[]string{`zekerVan "2016-01-01" comes before misschienVan "2017-01-01"`}},
		{"CertainTooLong", with(`{"regio": "AM01", "zekerVan": "2016-01-01", "zekerTot": "2018-01-01", "misschienTot": "2017-01-01", "bronnen": ["b"]}`),
			[]string{`misschienTot "2017-01-01" comes before zekerTot "2018-01-01"`}},
		{"Overlap", with(`{"regio": "AM01", "zekerVan": "2015-01-01", "zekerTot": "2016-01-02", "misschienTot": "2017-01-01", "bronnen": ["b"]},
			{"regio": "AM02", "misschienVan": "2016-01-01", "zekerVan": "2016-01-01", "bronnen": ["b"]}`), []string{`lid[1] ("AM02"): overlaps "AM01"`}},
		{"Doubled", with(`{"regio": "AM01", "zekerVan": "2015-01-01", "zekerTot": "2016-01-01", "misschienTot": "2017-01-01", "bronnen": ["b"]},
			{"regio": "AM01", "misschienVan": "2016-12-31", "zekerVan": "2018-01-01", "bronnen": ["b"]}`), []string{`lid[1] ("AM01"): is there twice`}},
		{"All", small(`{"code": "x", "naam": "", "lid": []}`, ended), []string{`("x"): is no code`, `("x").naam: is missing`, "GM0001"}},
		{"TooLarge", small(strings.Repeat(" ", 1<<20)), []string{"at most 1048576"}},
		{"TooMany", small(strings.Repeat(`{"code": "x", "naam": "A", "lid": []},`, 70) + plain), append(slices.Repeat([]string{"is no code"}, 50), "and 20 more")},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := regions.Parse([]byte(c.file))
			if len(c.want) == 0 {
				if err != nil || d == nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || d != nil {
				t.Fatalf("no fault, want %q", c.want)
			}
			lines := strings.Split(err.Error(), "\n")
			if len(lines) != len(c.want) {
				t.Fatalf("%d faults, want %d:\n%v", len(lines), len(c.want), err)
			}
			for i, want := range c.want {
				if !strings.Contains(lines[i], want) {
					t.Errorf("fault %d: %s\nwant %s", i, lines[i], want)
				}
			}
		})
	}
}

// The file can be read and compared by people: one municipality a line, by code.
func TestReadable(t *testing.T) {
	text, err := os.ReadFile("regions.json")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`^ {4}\{"code": "(GM\d{4})", .*\}\]\},?$`)
	last, n := "", 0
	for l := range strings.Lines(string(text)) {
		if !strings.Contains(l, `"GM`) {
			continue
		}
		found := line.FindStringSubmatch(strings.TrimSuffix(l, "\n"))
		if found == nil || found[1] <= last {
			t.Fatalf("after %s: %s", last, l)
		}
		last = found[1]
		n++
	}
	if n != 356 {
		t.Errorf("%d municipalities, want 352 of 2021 and 4 of later", n)
	}
}

// What Parse takes in keeps its promises on every day that it names.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small(plain, ended)))
	f.Add([]byte(small(ended)))
	f.Add([]byte(`{"versie": 1, "vanaf": "2015-01-01"`))
	if text, err := os.ReadFile("regions.json"); err == nil {
		f.Add(text)
	}
	day := regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)
	f.Fuzz(func(t *testing.T, file []byte) {
		d, err := regions.Parse(file)
		if err != nil {
			if !json.Valid([]byte(`"` + strings.NewReplacer("\n", " ", `\`, "/", `"`, "'").Replace(strings.ToValidUTF8(err.Error(), "?")) + `"`)) {
				t.Errorf("the error cannot be shown: %q", err)
			}
			return
		}
		days := day.FindAllString(string(file), 20)
		for _, on := range append(days, "1900-01-01", "2199-12-31") {
			on := events.Date(on)
			certain := make(map[string]string)
			for _, r := range d.Regions() {
				for _, m := range d.In(r.Code, on) {
					g := m.Gemeente
					if !g.Exists(on) || m.Region != r.Code || m.Certain != (m.Note == "") {
						t.Fatalf("%+v on %s", m, on)
					}
					if before, twice := certain[g.Code]; m.Certain && twice {
						t.Fatalf("%s is certain in %s and %s on %s", g.Code, before, r.Code, on)
					} else if m.Certain {
						certain[g.Code] = r.Code
					}
					if heir, ok := d.Heir(g.Code, on); !ok || heir.Code != g.Code {
						t.Fatalf("%s exists on %s, and its heir is %q", g.Code, on, heir.Code)
					}
				}
			}
		}
	})
}
