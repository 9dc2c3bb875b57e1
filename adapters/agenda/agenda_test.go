package agenda_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/adapters/agenda"
)

var changed = time.Date(2026, 11, 22, 9, 30, 0, 999_000_000, time.UTC)

func written(t testing.TB, items ...agenda.Item) string {
	t.Helper()
	c := agenda.Calendar{Name: "Plannen", Items: items}
	b, err := c.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestWhole is a calendar to the byte.
func TestWhole(t *testing.T) {
	got := written(t,
		agenda.Item{UID: "12@boek.huisboek", Sequence: 3, Changed: changed, From: "2026-12-02", To: "2026-12-02", Time: "10:30", Duration: "PT45M",
			Summary: "Bakkerij, De; Punt: vacature", Description: "Twee\nregels", Location: "Zwolle"},
		agenda.Item{UID: "13@boek.huisboek", Changed: changed, From: "2026-12-30", To: "2027-01-03", Summary: "Periode", Description: "-"},
		agenda.Item{UID: "14@boek.huisboek", Changed: changed, From: "2026-12-31", To: "2026-12-31", Summary: "Dag", Description: "-"},
		agenda.Item{UID: "15@boek.huisboek", Sequence: 1, Changed: changed, From: "2028-02-29", To: "2028-02-29", Time: "09:00", Off: true, Summary: "Afgezegd", Description: "-"},
	)
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Huisboek//Agenda//NL
METHOD:PUBLISH
NAME:Plannen
X-WR-CALNAME:Plannen
X-WR-TIMEZONE:Europe/Amsterdam
REFRESH-INTERVAL;VALUE=DURATION:PT1H
X-PUBLISHED-TTL:PT1H
BEGIN:VTIMEZONE
TZID:Europe/Amsterdam
BEGIN:DAYLIGHT
DTSTART:19960331T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:12@boek.huisboek
DTSTAMP:20261122T093000Z
LAST-MODIFIED:20261122T093000Z
SEQUENCE:3
DTSTART;TZID=Europe/Amsterdam:20261202T103000
DURATION:PT45M
STATUS:CONFIRMED
TRANSP:OPAQUE
SUMMARY:Bakkerij\, De\; Punt: vacature
DESCRIPTION:Twee\nregels
LOCATION:Zwolle
END:VEVENT
BEGIN:VEVENT
UID:13@boek.huisboek
DTSTAMP:20261122T093000Z
LAST-MODIFIED:20261122T093000Z
SEQUENCE:0
DTSTART;VALUE=DATE:20261230
DTEND;VALUE=DATE:20270104
STATUS:TENTATIVE
TRANSP:TRANSPARENT
SUMMARY:Periode
DESCRIPTION:-
END:VEVENT
BEGIN:VEVENT
UID:14@boek.huisboek
DTSTAMP:20261122T093000Z
LAST-MODIFIED:20261122T093000Z
SEQUENCE:0
DTSTART;VALUE=DATE:20261231
DTEND;VALUE=DATE:20270101
STATUS:CONFIRMED
TRANSP:OPAQUE
SUMMARY:Dag
DESCRIPTION:-
END:VEVENT
BEGIN:VEVENT
UID:15@boek.huisboek
DTSTAMP:20261122T093000Z
LAST-MODIFIED:20261122T093000Z
SEQUENCE:1
DTSTART;TZID=Europe/Amsterdam:20280229T090000
DURATION:PT1H
STATUS:CANCELLED
TRANSP:TRANSPARENT
SUMMARY:Afgezegd
DESCRIPTION:-
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if empty := written(t); !strings.Contains(empty, "BEGIN:VTIMEZONE\r\n") || strings.Contains(empty, "VEVENT") {
		t.Errorf("without plans: %q", empty)
	}
}

// properties are the lines of a calendar, unfolded (RFC 5545, 3.1).
func properties(t interface{ Fatalf(string, ...any) }, text string) map[string]string {
	body, ok := strings.CutSuffix(text, "\r\n")
	if !ok {
		t.Fatalf("the last line does not end")
	}
	for line := range strings.SplitSeq(body, "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("a line of %d octets, valid %t: %q", len(line), utf8.ValidString(line), line)
		}
	}
	all := map[string]string{}
	for line := range strings.SplitSeq(strings.ReplaceAll(body, "\r\n ", ""), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		all[name] = value
	}
	return all
}

var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\;`, `;`, `\,`, `,`)

// TestAnyText: whatever a name is, it comes back as it was, over lines of at most 75
// octets that each are text.
func TestAnyText(t *testing.T) {
	texts := rapid.OneOf(
		rapid.StringOfN(rapid.RuneFrom([]rune{'a', ' ', ',', ';', ':', '\\', '"', '\n', '<', '>', 'é', '€', '👩', '\u200d', '\U0001F469'}), 0, 300, -1),
		rapid.StringN(0, 300, -1),
	)
	rapid.Check(t, func(t *rapid.T) {
		name, more := texts.Draw(t, "name"), texts.Draw(t, "more")
		c := agenda.Calendar{Name: name, Items: []agenda.Item{{UID: "1@x", Changed: changed, From: "2026-12-02", To: "2026-12-02", Summary: name, Description: more}}}
		b, err := c.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, _ := c.Bytes()
		if !bytes.Equal(b, again) {
			t.Fatal("not the same bytes again")
		}
		all := properties(t, string(b))
		if got, want := unescape.Replace(all["SUMMARY"]), plain(name); got != want {
			t.Fatalf("%q came back as %q", want, got)
		}
		if got, want := unescape.Replace(all["DESCRIPTION"]), plain(more); got != want {
			t.Fatalf("%q came back as %q", want, got)
		}
	})
}

// plain is a text without what a calendar cannot hold.
func plain(s string) string {
	var out []rune
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\r':
			out = append(out, '\n')
		case r == '\n' || r == '\t' || r >= ' ' && (r < 0x7f || r > 0x9f):
			out = append(out, r)
		}
	}
	return string(out)
}

// TestNotUTF8: what is no text at all does not break a line.
func TestNotUTF8(t *testing.T) {
	long := strings.Repeat("x\xff", 100)
	if got := properties(t, written(t, agenda.Item{UID: "1@x", From: "2026-12-02", To: "2026-12-02", Summary: long, Description: "-"}))["SUMMARY"]; got != strings.Repeat("x\uFFFD", 100) {
		t.Errorf("%q", got)
	}
}

func TestBadDays(t *testing.T) {
	for name, it := range map[string]agenda.Item{
		"no day":     {UID: "1@x"},
		"no last":    {UID: "1@x", From: "2026-12-02"},
		"odd time":   {UID: "1@x", From: "2026-12-02", To: "2026-12-02", Time: "half elf"},
		"not a date": {UID: "1@x", From: "2026-02-30", To: "2026-02-30"},
	} {
		c := agenda.Calendar{Items: []agenda.Item{it}}
		if b, err := c.Bytes(); err == nil {
			t.Errorf("%s: %s", name, b)
		}
	}
}
