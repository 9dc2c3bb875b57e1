package sheets

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// The widths of columns, in characters.
const (
	leastWidth = 9
	mostWidth  = 60
)

// WriteXLSX writes a sheet per table: its title, what is to be known of it, a blank row,
// a header that stays in view, and the rows.
func WriteXLSX(w io.Writer, tables ...Table) error {
	f := excelize.NewFile()
	defer f.Close()
	b := &workbook{file: f, styles: map[string]int{}}
	names := sheetNames(tables)
	for i := range tables {
		if err := b.sheet(i, names[i], &tables[i]); err != nil {
			return fmt.Errorf("sheet %s: %w", names[i], err)
		}
	}
	if len(tables) > 0 {
		// The moments that it was made and changed are left as the library has them: always the same.
		if err := f.SetDocProps(&excelize.DocProperties{Creator: "Huisboek", LastModifiedBy: "Huisboek", Title: clean(tables[0].Title)}); err != nil {
			return err
		}
	}
	_, err := f.WriteTo(w)
	return err
}

// workbook is what is being written. The first error stays.
type workbook struct {
	file   *excelize.File
	styles map[string]int // by format; "bold" is that
	name   string
	widths []int
	err    error
}

func (b *workbook) sheet(i int, name string, t *Table) error {
	if i == 0 {
		b.note(b.file.SetSheetName(b.file.GetSheetName(0), name))
	} else {
		_, err := b.file.NewSheet(name)
		b.note(err)
	}
	b.name, b.widths = name, make([]int, max(len(t.Columns), 2))
	b.text(1, 1, clean(t.Title), "bold")
	row := 2
	for _, line := range t.About {
		b.row(row, line[:], nil)
		row++
	}
	row++
	for i, c := range t.Columns {
		b.text(i+1, row, clean(c.Name), "bold")
		b.wide(i, c.Name)
	}
	head := row
	for _, cells := range t.Rows {
		row++
		b.row(row, cells, t.Columns)
	}
	for i, width := range b.widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		b.note(err)
		b.note(b.file.SetColWidth(name, column, column, float64(min(max(width+2, leastWidth), mostWidth))))
	}
	below := fmt.Sprintf("A%d", head+1)
	b.note(b.file.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: head, TopLeftCell: below, ActivePane: "bottomLeft"}))
	return b.err
}

func (b *workbook) row(row int, values []any, columns []Column) {
	for i, value := range values {
		c := cellOf(value)
		format, say := "", c.text
		switch c.kind {
		case empty:
			continue
		case text:
			b.text(i+1, row, c.text, "")
			b.wide(i, say)
			continue
		case number:
			format = "#,##0"
			if columns == nil && c.number%1000 != 0 {
				format += ".0##"
			} else if i < len(columns) && columns[i].Decimals > 0 {
				format += "." + strings.Repeat("0", min(columns[i].Decimals, 3))
			}
			say = decimal(c.number, 3, ".") + "    "
		case percent:
			format, say = "0.0%", "100.0%"
		case day:
			format, say = "yyyy-mm-dd", "2026-11-22"
		case month:
			format, say = "yyyy-mm", "2026-11"
		case moment:
			format, say = "yyyy-mm-dd hh:mm:ss", "2026-11-22 18:30:00"
		}
		at := b.cell(i+1, row)
		if c.kind == number || c.kind == percent {
			b.note(b.file.SetCellFloat(b.name, at, float64(c.number)/1000, -1, 64))
		} else {
			b.note(b.file.SetCellValue(b.name, at, c.at))
		}
		b.style(at, format)
		b.wide(i, say)
	}
}

// text is never a formula, whatever it begins with.
func (b *workbook) text(column, row int, s, style string) {
	at := b.cell(column, row)
	b.note(b.file.SetCellStr(b.name, at, s))
	if style != "" {
		b.style(at, style)
	}
}

func (b *workbook) cell(column, row int) string {
	at, err := excelize.CoordinatesToCellName(column, row)
	b.note(err)
	return at
}

func (b *workbook) style(at, format string) {
	id, ok := b.styles[format]
	if !ok {
		s := &excelize.Style{CustomNumFmt: &format}
		if format == "bold" {
			s = &excelize.Style{Font: &excelize.Font{Bold: true}}
		}
		var err error
		id, err = b.file.NewStyle(s)
		b.note(err)
		b.styles[format] = id
	}
	b.note(b.file.SetCellStyle(b.name, at, at, id))
}

func (b *workbook) wide(i int, s string) {
	if i < len(b.widths) {
		b.widths[i] = max(b.widths[i], utf8.RuneCountInString(s))
	}
}

func (b *workbook) note(err error) {
	if b.err == nil {
		b.err = err
	}
}

// maxSheetName is in UTF-16 units.
const maxSheetName = 31

// sheetNames are the titles as sheets may be called: without what is not allowed, no
// longer than is, and each once whatever the case.
func sheetNames(tables []Table) []string {
	names, taken := make([]string, len(tables)), map[string]bool{"history": true} // Excel's own
	for i, t := range tables {
		base := strings.Map(func(r rune) rune {
			if strings.ContainsRune(`:\/?*[]`, r) || r == '\n' {
				return ' '
			}
			return r
		}, clean(t.Title))
		if short(base, maxSheetName) == "" {
			base = "Tabel"
		}
		for n := 1; ; n++ {
			suffix := ""
			if n > 1 {
				suffix = fmt.Sprintf(" (%d)", n)
			}
			names[i] = short(base, maxSheetName-len(suffix)) + suffix
			if key := strings.ToLower(names[i]); !taken[key] {
				taken[key] = true
				break
			}
		}
	}
	return names
}

// short is text of no more than so many UTF-16 units, without blanks and apostrophes around it.
func short(s string, units int) string {
	s = strings.Trim(strings.Join(strings.Fields(s), " "), "' ")
	for i, r := range s {
		if units -= utf16.RuneLen(r); units < 0 {
			return strings.Trim(s[:i], "' ")
		}
	}
	return s
}
