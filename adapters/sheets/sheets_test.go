package sheets

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections/targets"
)

// some are tables with every kind of cell, and text that is not what it seems.
func some() []Table {
	return []Table{
		{
			Title:   "Overzicht",
			About:   [][2]any{{"Peildatum", events.Date("2026-11-22")}, {"Bekend op", time.Date(2026, 11, 22, 17, 30, 5, 0, time.UTC)}, {"Positie", events.Position(1234567)}, {"Definitie", "plaatsingen; minstens 12,5 uur per week"}},
			Columns: []Column{{"Partner", 0}, {"Aantal", 0}, {"Banen", 3}, {"Maand", 0}, {"Datum", 0}, {"Deel", 0}},
			Rows: [][]any{
				{"Gemeente Zwolle", 1234, targets.Amount(784), Month("2026-10"), events.Date("2026-11-22"), Percent(.125)},
				{"UWV; \"Werkplein\"", -12, targets.Amount(1_234_567), Month("2026-02"), events.Date("2024-02-29"), Percent(1)},
				{"regel\nregel", int64(0), targets.Amount(-2_050), Month("1999-12"), events.Date("2026-01-02"), Percent(0)},
				{nil, nil, nil, "lopende maand", nil, nil},
			},
		},
		{
			Title:   "Naam: te lang / voor * een [blad] in Excel?",
			Columns: []Column{{"Tekst", 0}},
			Rows: [][]any{
				{"=1+1"}, {"+31 38"}, {"-3"}, {"@SUM(A1)"}, {"\t=1"}, {" =1+1"}, {"＝1"}, {"=HYPERLINK(\"http://voorbeeld.invalid\";\"x\")"},
				{"0012"}, {"3-4"}, {"1/2"}, {"12:30"}, {"1e5"}, {"1.234"}, {"mei 2026"}, {"22 november 2026"}, {"WAAR"}, {"000012345678"}, {"123456789012"},
				{"12345678"}, {"2-4 uur"}, {"GM0193"}, {"DD01"}, {"é ß 漢 🙂"}, {"C&A <b>"},
			},
		},
	}
}

func TestWriteCSV(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, some()...); err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(b.String(), "\ufeff")
	if !ok {
		t.Error("no byte order mark")
	}
	const want = "Overzicht\r\nPeildatum;2026-11-22\r\nBekend op;2026-11-22 18:30:05\r\nPositie;1234567\r\nDefinitie;\"plaatsingen; minstens 12,5 uur per week\"\r\n\r\n" +
		"Partner;Aantal;Banen;Maand;Datum;Deel\r\n" +
		"Gemeente Zwolle;1234;0,784;2026-10;2026-11-22;12,5%\r\n" +
		"\"UWV; \"\"Werkplein\"\"\";-12;1234,567;2026-02;2024-02-29;100%\r\n" +
		"\"regel\r\nregel\";0;-2,05;1999-12;2026-01-02;0%\r\n" +
		";;;lopende maand;;\r\n\r\n"
	if !strings.HasPrefix(text, want) {
		t.Errorf("got %q\nwant %q", text[:min(len(text), len(want))], want)
	}
	if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
		t.Error("a line ends otherwise")
	}
}

func TestGuarded(t *testing.T) {
	for _, s := range some()[1].Rows[:19] {
		if got := guarded(clean(s[0].(string))); got != "'"+clean(s[0].(string)) {
			t.Errorf("%q", got)
		}
	}
	for _, s := range append(some()[1].Rows[19:], []any{"0"}, []any{""}, []any{"2026"}, []any{"a=b"}, []any{"Meisje 12"}, []any{"Mei-actie"}, []any{"24-31 uur"}) {
		if got := guarded(s[0].(string)); got != s[0] {
			t.Errorf("%q", got)
		}
	}
}

// Whatever is in a text, no cell of the file begins as a formula does, and the same
// cells come back.
func TestCSVHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`[ \t;"=+@0-9\r\n'-]*`)), 2, 4), 1, 5).Draw(t, "rows")
		table := Table{Title: "T", Columns: []Column{{"a", 0}, {"b", 0}}}
		for _, row := range rows {
			cells := []any{}
			for _, s := range row {
				cells = append(cells, s)
			}
			table.Rows = append(table.Rows, cells)
		}
		var b bytes.Buffer
		if err := WriteCSV(&b, table); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), mark)))
		r.Comma, r.FieldsPerRecord = ';', -1
		got, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for i, record := range got[2:] {
			for j, s := range record {
				if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
					t.Fatalf("%q", s)
				}
				if want := clean(rows[i][j]); s != want && s != "'"+want {
					t.Fatalf("%q, want %q", s, want)
				}
			}
		}
	})
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		n        int64
		decimals int
		want     string
	}{
		{1500, 3, "1,5"}, {1500, 0, "2"}, {-1500, 0, "-2"}, {499, 0, "0"}, {-499, 0, "0"}, {784, 1, "0,8"}, {1_234_567_890, 2, "1234567,89"}, {-50, 2, "-0,05"}, {0, 3, "0"}, {2000, 9, "2"},
	} {
		if got := decimal(c.n, c.decimals, ","); got != c.want {
			t.Errorf("%d with %d: %s, want %s", c.n, c.decimals, got, c.want)
		}
	}
}

func TestWriteXLSX(t *testing.T) {
	var b bytes.Buffer
	if err := WriteXLSX(&b, some()...); err != nil {
		t.Fatal(err)
	}
	first := bytes.Clone(b.Bytes())
	for range 5 {
		if b.Reset(); WriteXLSX(&b, some()...) != nil || !bytes.Equal(b.Bytes(), first) {
			t.Fatal("the same tables give other bytes")
		}
	}
	f, err := excelize.OpenReader(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); len(got) != 2 || got[0] != "Overzicht" || got[1] != "Naam te lang voor een blad in E" {
		t.Errorf("sheets %q", got)
	}
	for _, c := range []struct {
		cell, raw, shown string
		kind             excelize.CellType
	}{
		{"A1", "Overzicht", "Overzicht", excelize.CellTypeSharedString},
		{"B2", "46348", "2026-11-22", excelize.CellTypeUnset},
		{"B3", "46348.7708912037", "2026-11-22 18:30:05", excelize.CellTypeUnset},
		{"B4", "1234567", "1,234,567", excelize.CellTypeUnset},
		{"B8", "1234", "1,234", excelize.CellTypeUnset},
		{"C8", "0.784", "0.784", excelize.CellTypeUnset},
		{"D8", "46296", "2026-10", excelize.CellTypeUnset},
		{"E9", "45351", "2024-02-29", excelize.CellTypeUnset},
		{"F8", "0.125", "12.5%", excelize.CellTypeUnset},
		{"D11", "lopende maand", "lopende maand", excelize.CellTypeSharedString},
	} {
		raw, err1 := f.GetCellValue("Overzicht", c.cell, excelize.Options{RawCellValue: true})
		shown, err2 := f.GetCellValue("Overzicht", c.cell)
		kind, err3 := f.GetCellType("Overzicht", c.cell)
		if !strings.HasPrefix(raw, c.raw) || shown != c.shown || kind != c.kind || err1 != nil || err2 != nil || err3 != nil {
			t.Errorf("%s: %q, shown %q, of kind %d; want %q, %q, %d (%v %v %v)", c.cell, raw, shown, kind, c.raw, c.shown, c.kind, err1, err2, err3)
		}
	}
	panes, err := f.GetPanes("Overzicht")
	if err != nil || !panes.Freeze || panes.YSplit != 7 {
		t.Errorf("%+v, %v", panes, err)
	}
	for i := range some()[1].Rows {
		at := "A" + decimal(1000*int64(i+4), 0, "")
		kind, err1 := f.GetCellType(f.GetSheetName(1), at)
		formula, err2 := f.GetCellFormula(f.GetSheetName(1), at)
		value, err3 := f.GetCellValue(f.GetSheetName(1), at)
		if kind != excelize.CellTypeSharedString || formula != "" || value != clean(some()[1].Rows[i][0].(string)) || err1 != nil || err2 != nil || err3 != nil {
			t.Errorf("%s: %q of kind %d, formula %q (%v %v %v)", at, value, kind, formula, err1, err2, err3)
		}
	}
}

func TestSheetNames(t *testing.T) {
	var tables []Table
	for _, title := range []string{"Aandelen", "aandelen", "AANDELEN", "History", "", "[:]", "'x'", strings.Repeat("é", 40), strings.Repeat("é", 40), strings.Repeat("🙂", 20), "a\nb"} {
		tables = append(tables, Table{Title: title})
	}
	want := []string{"Aandelen", "aandelen (2)", "AANDELEN (3)", "History (2)", "Tabel", "Tabel (2)", "x", strings.Repeat("é", 31), strings.Repeat("é", 27) + " (2)", strings.Repeat("🙂", 15), "a b"}
	for i, got := range sheetNames(tables) {
		if got != want[i] {
			t.Errorf("%q, want %q", got, want[i])
		}
	}
	if err := WriteXLSX(&bytes.Buffer{}, tables...); err != nil {
		t.Error(err)
	}
}
