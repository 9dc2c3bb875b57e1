package sheets

import (
	"encoding/csv"
	"io"
	"time"
)

// mark is what a spreadsheet knows UTF-8 by.
const mark = "\ufeff"

// WriteCSV writes tables one below the other: of each its title, what is to be known of
// it, a blank line, its header and its rows. Days are written as 2026-11-22, which a
// spreadsheet of any country reads as that day, and numbers with a decimal comma.
func WriteCSV(w io.Writer, tables ...Table) error {
	if _, err := io.WriteString(w, mark); err != nil {
		return err
	}
	to := csv.NewWriter(w)
	to.Comma, to.UseCRLF = ';', true
	for i, t := range tables {
		if i > 0 {
			to.Write(nil)
		}
		to.Write([]string{guarded(clean(t.Title))})
		for _, line := range t.About {
			to.Write(plain(line[:], nil))
		}
		to.Write(nil)
		head := make([]any, len(t.Columns))
		for i, c := range t.Columns {
			head[i] = c.Name
		}
		to.Write(plain(head, nil))
		for _, row := range t.Rows {
			to.Write(plain(row, t.Columns))
		}
	}
	to.Flush()
	return to.Error() // of any of them
}

// plain is a row as text.
func plain(row []any, columns []Column) []string {
	out := make([]string, len(row))
	for i, value := range row {
		decimals := 3
		if i < len(columns) {
			decimals = columns[i].Decimals
		}
		switch c := cellOf(value); c.kind {
		case text:
			out[i] = guarded(c.text)
		case number:
			out[i] = decimal(c.number, decimals, ",")
		case percent:
			out[i] = decimal(100*c.number, 1, ",") + "%"
		case day:
			out[i] = c.at.Format(time.DateOnly)
		case month:
			out[i] = c.at.Format("2006-01")
		case moment:
			out[i] = c.at.Format(time.DateTime)
		}
	}
	return out
}
