// Package sheets writes tables for spreadsheets: as CSV, as a Dutch one expects it, and
// as XLSX, with real number and date cells. It knows of no book and of no request;
// [OfStanding] makes the tables of how a target stands.
//
// A value is written by its type: a string as text, whole numbers and [targets.Amount]
// as numbers, [Percent] as a share, [events.Date], [Month] and [time.Time] as days,
// months and moments, nil as an empty cell. The same tables give the same bytes.
package sheets

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"huisboek/events"
	"huisboek/projections/targets"
)

// What the files are sent as.
const (
	CSVMedia  = "text/csv; charset=utf-8; header=absent"
	XLSXMedia = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Table is one table, and what is to be known of it.
type Table struct {
	Title   string
	About   [][2]any // a name and a value, above the table
	Columns []Column
	Rows    [][]any
}

// Column is one of a table.
type Column struct {
	Name     string
	Decimals int // of the numbers in it, at most three
}

// Month is a month, "2026-11".
type Month string

// Percent is a share of one: 0.125 is 12.5 %, in tenths.
type Percent float64

type kind uint8

const (
	empty kind = iota
	text
	number
	percent
	day
	month
	moment
)

// cell is a value as both writers see it.
type cell struct {
	kind   kind
	text   string
	number int64 // thousandths
	at     time.Time
}

// amsterdam is where moments are told.
var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // package events embeds the zones
	}
	return l
}()

// cellOf is the cell of a value; a day or month that is none is text.
func cellOf(value any) cell {
	thousands := func(n int64) cell { return cell{kind: number, number: 1000 * n} }
	switch v := value.(type) {
	case nil:
		return cell{}
	case int:
		return thousands(int64(v))
	case int64:
		return thousands(v)
	case events.Position:
		return thousands(int64(v))
	case targets.Amount:
		return cell{kind: number, number: int64(v)}
	case Percent:
		return cell{kind: percent, number: int64(math.Round(1000 * float64(v)))}
	case events.Date:
		if t, err := time.Parse(time.DateOnly, string(v)); err == nil {
			return cell{kind: day, at: t}
		}
	case Month:
		if t, err := time.Parse("2006-01", string(v)); err == nil {
			return cell{kind: month, at: t}
		}
	case time.Time:
		if v.IsZero() {
			return cell{}
		}
		v = v.In(amsterdam)
		// A spreadsheet knows no zones: what the clock said, as if it were UTC.
		return cell{kind: moment, at: time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), 0, time.UTC)}
	}
	s := clean(fmt.Sprint(value))
	if s == "" {
		return cell{}
	}
	return cell{kind: text, text: s}
}

// clean leaves out what no cell can hold. A line may end; nothing else may control.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r == '\n':
			return r
		case unicode.IsControl(r) || r == '\ufffe' || r == '\uffff' || r == '\ufeff' || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
}

// decimal is a number of thousandths with no more than so many decimals and none that
// are nothing, halves away from zero.
func decimal(thousandths int64, decimals int, point string) string {
	unit := int64(1)
	for range 3 - min(max(decimals, 0), 3) {
		unit *= 10
	}
	sign, n := "", thousandths
	if n < 0 {
		sign, n = "-", -n
	}
	if n = (n + unit/2) / unit * unit; n == 0 {
		return "0"
	}
	s := sign + strconv.FormatInt(n/1000, 10)
	if rest := n % 1000; rest != 0 {
		s += point + strings.TrimRight(strconv.FormatInt(1000+rest, 10)[1:], "0")
	}
	return s
}

// formula is how text begins that a spreadsheet would reckon with when it reads it;
// blanks before that do not stop all of them.
var formula = regexp.MustCompile(`^[\s\p{Zs}]*[=+\-@＝＋－＠]|^\n`)

// other is text that a Dutch spreadsheet takes for a number, day or time of its own
// choosing, so that it would not come back as it was: 0012, 3-4, 1e5, 12:30, mei 2026.
var other = regexp.MustCompile(`(?i)^\s*(0[\d.,]*\d|\d[\d\s.,:/eE%+-]*[\s.,:/eE%+-][\d\s.,:/eE%+-]*|\d{12,}|(\d{1,2}[ -])?(jan|feb|mrt|maart|mar|march|apr|mei|may|jun|jul|aug|sep|okt|oct|nov|dec)(r?uari|r?uary|il|i|y|e|ust|ustus|t|tember|ober|ember)?\.?[ -]\d{1,4}|waar|onwaar|true|false)\s*$`)

// guarded is text as it may stand in a file without types: behind an apostrophe when a
// spreadsheet would take it for something else.
func guarded(s string) string {
	if formula.MatchString(s) || other.MatchString(s) {
		return "'" + s
	}
	return s
}
