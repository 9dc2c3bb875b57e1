package sheets

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// office is a LibreOffice of a Dutch user, without a screen.
type office struct {
	t   *testing.T
	dir string
}

// dutch is what makes a profile that of a Dutch user.
const dutch = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>nl-NL</value></prop></item>
</oor:items>`

// csvForm is CSV with a semicolon in UTF-8, in Dutch (1043), where days are known as such.
const csvForm = "Text - txt - csv (StarCalc):59,34,76,1,,1043,false,true"

func newOffice(t *testing.T) *office {
	t.Helper()
	if os.Getenv("HUISBOEK_TOOLS") != "1" { // else a tool that is missing fails
		t.Skip("needs soffice: runs with HUISBOEK_TOOLS=1, as make test does")
	}
	o := &office{t, t.TempDir()}
	o.write("profile/user/registrymodifications.xcu", []byte(dutch))
	return o
}

func (o *office) write(name string, b []byte) string {
	o.t.Helper()
	name = filepath.Join(o.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		o.t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o600); err != nil {
		o.t.Fatal(err)
	}
	return name
}

// convert gives a file as another form; in is how it is read, empty is by what it is.
func (o *office) convert(file, in, form string) []byte {
	o.t.Helper()
	args := []string{"-env:UserInstallation=file://" + o.dir + "/profile", "--headless", "--norestore"}
	if in != "" {
		args = append(args, "--infilter="+in)
	}
	c := exec.CommandContext(o.t.Context(), "soffice", append(args, "--convert-to", form, "--outdir", o.dir+"/out", file)...)
	c.Env = append(os.Environ(), "HOME="+o.dir)
	said, err := c.CombinedOutput()
	if err != nil {
		o.t.Fatalf("%v: run make deps? %s", err, said)
	}
	suffix, _, _ := strings.Cut(form, ":")
	name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)) + "." + suffix
	b, err := os.ReadFile(filepath.Join(o.dir, "out", name))
	if err != nil {
		o.t.Fatalf("%v: %s", err, said)
	}
	return b
}

// found is a cell as LibreOffice has it.
type found struct {
	Kind    string   `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 value-type,attr"`
	Value   string   `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 value,attr"`
	Day     string   `xml:"urn:oasis:names:tc:opendocument:xmlns:office:1.0 date-value,attr"`
	Formula string   `xml:"urn:oasis:names:tc:opendocument:xmlns:table:1.0 formula,attr"`
	Repeat  int      `xml:"urn:oasis:names:tc:opendocument:xmlns:table:1.0 number-columns-repeated,attr"`
	Lines   []string `xml:"urn:oasis:names:tc:opendocument:xmlns:text:1.0 p"`
}

// cells are the rows of all sheets of a flat OpenDocument.
func cells(t *testing.T, document []byte) (rows [][]found) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := d.Token()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "table-row" {
			continue
		}
		var row struct {
			Cells []found `xml:"urn:oasis:names:tc:opendocument:xmlns:table:1.0 table-cell"`
		}
		if err := d.DecodeElement(&row, &start); err != nil {
			t.Fatal(err)
		}
		var out []found
		for _, c := range row.Cells {
			for range max(1, min(c.Repeat, 50)) {
				out = append(out, c)
			}
		}
		rows = append(rows, out)
	}
}

// checkFound looks for the rows of some in what LibreOffice read, by the text that they begin with.
func checkFound(t *testing.T, rows [][]found, guard string) {
	t.Helper()
	by := map[string][]found{}
	for _, row := range rows {
		for _, c := range row {
			if c.Formula != "" {
				t.Errorf("a formula: %+v", c)
			}
		}
		if len(row) > 0 && len(row[0].Lines) > 0 {
			by[strings.Join(row[0].Lines, "\n")] = row
		}
	}
	float := func(v string) found { return found{Kind: "float", Value: v} }
	day := func(v string) found { return found{Kind: "date", Day: v} }
	for name, want := range map[string][]found{
		"Peildatum":        {day("2026-11-22")},
		"Bekend op":        {day("2026-11-22T18:30:05")},
		"Positie":          {float("1234567")},
		"Gemeente Zwolle":  {float("1234"), float("0.784"), {}, day("2026-11-22"), {Kind: "percentage", Value: "0.125"}},
		`UWV; "Werkplein"`: {float("-12"), float("1234.567"), {}, day("2024-02-29"), {Kind: "percentage", Value: "1"}},
		"regel\nregel":     {float("0"), float("-2.05"), {}, day("2026-01-02"), {Kind: "percentage", Value: "0"}},
		guard + "=1+1":     nil,
		guard + "+31 38":   nil,
		guard + "@SUM(A1)": nil,
		guard + "0012":     nil,
		guard + "3-4":      nil,
		"GM0193":           nil,
		"é ß 漢 🙂":          nil,
	} {
		row := by[name]
		if len(row) <= len(want) {
			t.Errorf("%q: %d cells", name, len(row))
			continue
		}
		if row[0].Kind != "string" {
			t.Errorf("%q is %+v", name, row[0])
		}
		for i, w := range want {
			if got := row[i+1]; w.Kind != "" && (got.Kind != w.Kind || got.Value != w.Value || !strings.HasPrefix(got.Day, w.Day)) {
				t.Errorf("%q, %d: %+v, want %+v", name, i, got, w)
			}
		}
	}
}

// TestForeign: a spreadsheet that is not ours finds numbers and days in both files, and
// text where text was written; and it gives the CSV back as it was.
func TestForeign(t *testing.T) {
	o := newOffice(t)
	var book, plain bytes.Buffer
	if err := WriteXLSX(&book, some()...); err != nil {
		t.Fatal(err)
	}
	if err := WriteCSV(&plain, some()...); err != nil {
		t.Fatal(err)
	}

	rows := cells(t, o.convert(o.write("boek.xlsx", book.Bytes()), "", "fods"))
	checkFound(t, rows, "")
	months := 0
	for _, row := range rows {
		for _, c := range row {
			if c.Kind == "date" && len(c.Lines) == 1 && len(c.Lines[0]) == len("2026-10") {
				months++
			}
		}
	}
	if months != 3 {
		t.Errorf("%d months are days that are shown as months", months)
	}

	file := o.write("tekst.csv", plain.Bytes())
	document := o.convert(file, csvForm, "fods")
	checkFound(t, cells(t, document), "'")
	back := o.convert(o.write("terug.fods", document), "", "csv:"+csvForm+",false")
	want, got := records(t, plain.Bytes()), records(t, back)
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i := range want {
		if strings.Join(got[i], "\x00") != strings.Join(want[i], "\x00") {
			t.Errorf("%q came back as %q", want[i], got[i])
		}
	}
}

// records are the lines of a CSV, without the empty cells that a spreadsheet ends a line with.
func records(t *testing.T, b []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte(mark))))
	r.Comma, r.FieldsPerRecord = ';', -1
	all, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	kept := all[:0]
	for _, record := range all {
		for len(record) > 0 && record[len(record)-1] == "" {
			record = record[:len(record)-1]
		}
		if len(record) > 0 {
			kept = append(kept, record)
		}
	}
	return kept
}
