package events

import (
	"strings"
	"unicode"
)

// dates marks the groups that are part of a whole date. A date is written with
// one and the same dash, dot or slash.
func (s *digitScan) dates() {
	for from := 0; from+2 < len(s.groups); from++ {
		g := s.groups[from : from+3]
		if by := g[1].by; by == g[2].by && (by == '-' || by == '.' || by == '/') &&
			(s.isDay(&g[0], &g[1], &g[2]) || s.isDay(&g[2], &g[1], &g[0])) {
			g[0].date, g[1].date, g[2].date = true, true, true
		}
	}
}

func (s *digitScan) isDay(day, month, year *digitGroup) bool {
	if day.size() > 2 || month.size() > 2 || year.size() != 4 {
		return false
	}
	d, m, y := value(s.digits(day)), value(s.digits(month)), value(s.digits(year))
	return d >= 1 && d <= 31 && m >= 1 && m <= 12 && y >= 1900 && y < 2100
}

func value(digits []byte) (n int) {
	for _, d := range digits {
		n = n*10 + int(d)
	}
	return n
}

// phone reports whether the groups are part of a telephone number with its
// country code: "+31 6 12345678", "0031 (0)6-12345678". With the code it has at
// least 10 and at most 15 digits (ITU-T E.164).
func (s *digitScan) phone(from, to int) bool {
	for code := from; code >= max(0, from-2); code-- {
		g := s.groups[code]
		n, d := g.size(), s.digits(&g)
		if !(g.plus && n <= 3) && !(n >= 3 && n <= 5 && d[0] == 0 && d[1] == 0) {
			continue
		}
		end := to
		if code == from { // the window has the code in it, so the number goes on behind it
			end = len(s.groups) - 1
		}
		total := 0
		for _, g := range s.groups[code : end+1] {
			total += g.size()
		}
		return total >= 10 && total <= 15
	}
	return false
}

// money reports whether the groups are an amount beside a currency: thousands
// in threes, or decimals, "€ 123.456.789" or "1.234.567,89 euro". Nine digits
// in one are no amount.
func (s *digitScan) money(from, to int) bool {
	g := s.groups[from : to+1]
	last := len(g) - 1
	if last == 0 || (from > 0 && g[0].by != 0 && g[0].by != ' ' && g[0].by != '\u00a0') {
		return false
	}
	whole := g[1:]
	if g[last].size() == 2 {
		whole = g[1:last]
	}
	for _, x := range whole {
		if x.size() != 3 {
			return false
		}
	}
	if len(whole) > 0 && g[0].size() > 3 {
		return false
	}
	return currencyEnds(s.text[:g[0].start]) || currencyBegins(s.text[g[last].end:])
}

func currencyEnds(before string) bool {
	before = strings.ToLower(strings.TrimRightFunc(before, unicode.IsSpace))
	for _, c := range [...]string{"€", "eur", "euro", "$", "£"} {
		if strings.HasSuffix(before, c) {
			return true
		}
	}
	return false
}

func currencyBegins(after string) bool {
	after = strings.ToLower(strings.TrimLeftFunc(after, unicode.IsSpace))
	for _, c := range [...]string{"€", "eur", ",-", ".-"} {
		if strings.HasPrefix(after, c) {
			return true
		}
	}
	return false
}
