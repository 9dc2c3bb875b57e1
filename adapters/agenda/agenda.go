// Package agenda writes calendars: plans in, the bytes of RFC 5545 out. It knows of
// no book and of no request.
//
// Escaping and folding are the library's; what a calendar program needs to keep up
// with plans that move (UID, SEQUENCE, STATUS) and to show them at the right hour
// (VTIMEZONE) is decided here.
package agenda

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"

	"huisboek/events"
)

// MediaType is what a calendar is sent as.
const MediaType = "text/calendar; charset=utf-8"

// Zone is where every time of day is told, and a day begins.
const Zone = "Europe/Amsterdam"

// refresh is how often a program is asked to look.
const refresh = "PT1H"

// Calendar is what one address gives.
type Calendar struct {
	Name  string
	Items []Item
}

// Item is one plan. Its UID never changes and its Sequence only grows.
type Item struct {
	UID      string
	Sequence int
	Changed  time.Time   // when it last changed
	Off      bool        // it does not go on
	From, To events.Date // first and last day; equal for a single day
	Time     string      // "10:30", of a single day; empty: all day
	Duration string      // "PT1H30M"; empty: an hour

	Summary, Description, Location string // Location may be empty
}

// Bytes are the calendar, with the items in their order. The same items give the same
// bytes.
func (c *Calendar) Bytes() ([]byte, error) {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Huisboek//Agenda//NL")
	cal.SetMethod(ics.MethodPublish)
	cal.SetName(clean(c.Name)) // and X-WR-CALNAME
	cal.SetXWRTimezone(Zone)
	cal.SetRefreshInterval(refresh) // with VALUE=DURATION
	cal.SetXPublishedTTL(refresh)
	cal.AddVTimezone(amsterdam())
	for i := range c.Items {
		e, err := c.Items[i].event()
		if err != nil {
			return nil, fmt.Errorf("agenda: %s: %w", c.Items[i].UID, err)
		}
		cal.AddVEvent(e)
	}
	var b bytes.Buffer
	err := cal.SerializeTo(&b, ics.WithNewLineWindows) // CRLF, on every machine
	return b.Bytes(), err
}

const (
	utc   = "20060102T150405Z"
	day   = "20060102"
	clock = "150405"
)

func (it *Item) event() (*ics.VEvent, error) {
	from, err := time.Parse(time.DateOnly, string(it.From))
	if err != nil {
		return nil, err
	}
	to, err := time.Parse(time.DateOnly, string(it.To))
	if err != nil {
		return nil, err
	}
	e := ics.NewEvent(it.UID)
	changed := it.Changed.UTC().Format(utc)
	e.AddProperty(ics.ComponentPropertyDtstamp, changed)
	e.AddProperty(ics.ComponentPropertyLastModified, changed)
	e.AddProperty(ics.ComponentPropertySequence, strconv.Itoa(it.Sequence))
	single := it.From == it.To
	if single && it.Time != "" {
		at, err := time.Parse("15:04", it.Time)
		if err != nil {
			return nil, err
		}
		e.AddProperty(ics.ComponentPropertyDtStart, from.Format(day)+"T"+at.Format(clock), ics.WithTZID(Zone))
		// Not an end: of an hour that comes twice a local time does not say which.
		lasts := it.Duration
		if lasts == "" {
			lasts = "PT1H"
		}
		e.AddProperty(ics.ComponentPropertyDuration, lasts)
	} else {
		e.AddProperty(ics.ComponentPropertyDtStart, from.Format(day), ics.WithValue("DATE"))
		e.AddProperty(ics.ComponentPropertyDtEnd, to.AddDate(0, 0, 1).Format(day), ics.WithValue("DATE")) // the day after the last
	}
	e.AddProperty(ics.ComponentPropertyStatus, it.status())
	if single && !it.Off {
		e.AddProperty(ics.ComponentPropertyTransp, "OPAQUE")
	} else {
		e.AddProperty(ics.ComponentPropertyTransp, "TRANSPARENT")
	}
	e.AddProperty(ics.ComponentPropertySummary, clean(it.Summary))
	e.AddProperty(ics.ComponentPropertyDescription, clean(it.Description))
	if it.Location != "" {
		e.AddProperty(ics.ComponentPropertyLocation, clean(it.Location))
	}
	return e, nil
}

// status: a period is not settled until it has got a day.
func (it *Item) status() string {
	switch {
	case it.Off:
		return "CANCELLED"
	case it.From == it.To:
		return "CONFIRMED"
	}
	return "TENTATIVE"
}

// amsterdam is the rule since 1996, with both changes: in March at two, in October at
// three by the clock that is then left.
func amsterdam() *ics.VTimezone {
	summer, winter := &ics.Daylight{}, &ics.Standard{}
	rule := func(c *ics.ComponentBase, begin, from, to, name, rrule string) {
		c.AddProperty(ics.ComponentPropertyDtStart, begin)
		c.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), from)
		c.AddProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), to)
		c.AddProperty(ics.ComponentProperty(ics.PropertyTzname), name)
		c.AddProperty(ics.ComponentPropertyRrule, rrule)
	}
	rule(&summer.ComponentBase, "19960331T020000", "+0100", "+0200", "CEST", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU")
	rule(&winter.ComponentBase, "19961027T030000", "+0200", "+0100", "CET", "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU")
	zone := ics.NewTimezone(Zone)
	zone.Components = append(zone.Components, summer, winter)
	return zone
}

// clean keeps what RFC 5545 allows in a text: valid UTF-8, and of the control
// characters line feeds and tabs only.
func clean(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
