package pages

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"

	"huisboek/adapters/web"
	"huisboek/events"
)

// lang is the language of a reader.
type lang string

const (
	dutch   lang = "nl"
	english lang = "en"
)

// langCookie remembers the language for a year; it says nothing else of anybody.
const (
	langCookie    = "taal"
	langParameter = "taal"
)

// langOf is Dutch until somebody asked for English: the pages are Dutch first.
func langOf(r *http.Request) lang {
	if c, err := r.Cookie(langCookie); err == nil && c.Value == string(english) {
		return english
	}
	return dutch
}

func (l lang) other() lang {
	if l == dutch {
		return english
	}
	return dutch
}

// of picks the sentence of a language.
func (l lang) of(s events.Sentence) string {
	if l == english {
		return s.EN
	}
	return s.NL
}

// say is what a page says in both languages. With NL1 and EN1 it depends on a
// number, the first argument: they are for 1. %d of a number is written as the
// language does, 1.184.
type say struct{ NL, EN, NL1, EN1 string }

// in is the text in a language, as it is written in the table.
func (s say) in(l lang) string {
	if l == english {
		return s.EN
	}
	return s.NL
}

// texts are what a part of the pages says, by key: "werkgever.bel-eerst". The table
// of a page stands beside its handler.
type texts map[string]say

// allTexts are the tables of all parts; a key stands in one of them.
var allTexts = merged(frameTexts, wordTexts, employerTexts, doingTexts, planTexts, targetTexts, accountTexts, stewardTexts, helpTexts)

func merged(tables ...texts) texts {
	all := texts{}
	for _, t := range tables {
		maps.Copy(all, t)
	}
	return all
}

var tags = map[lang]language.Tag{dutch: language.Dutch, english: language.BritishEnglish}

// printers write in a language; they are safe for concurrent use as long as nobody
// writes to them, and Sprintf does not.
var printers = func() map[lang]*message.Printer {
	c := catalog.NewBuilder(catalog.Fallback(language.Dutch))
	for key, s := range allTexts {
		for l, forms := range map[lang][2]string{dutch: {s.NL, s.NL1}, english: {s.EN, s.EN1}} {
			var err error
			if forms[1] == "" {
				err = c.SetString(tags[l], key, forms[0])
			} else {
				err = c.Set(tags[l], key, plural.Selectf(1, "%d", plural.One, forms[1], plural.Other, forms[0]))
			}
			if err != nil {
				panic(fmt.Sprintf("pages: text %s in %s: %v", key, l, err))
			}
		}
	}
	made := map[lang]*message.Printer{}
	for l, tag := range tags {
		made[l] = message.NewPrinter(tag, message.Catalog(c))
	}
	return made
}()

// t is a text in a language. A key that there is not is a fault of ours, which a test
// finds: the key itself is shown then.
func (l lang) t(key string, args ...any) string {
	if len(args) == 0 { // most of them: nothing to fill in
		if plain := allTexts[key].in(l); plain != "" && !strings.Contains(plain, "%") {
			return plain
		}
	}
	for i := range args {
		args[i] = pointedTo(args[i])
	}
	return printers[l].Sprintf(message.Key(key, key), args...)
}

// pointedTo is what a template would show of a value: an optional number is a pointer
// in the answers of the API.
func pointedTo(a any) any {
	if v := reflect.ValueOf(a); v.Kind() == reflect.Pointer && !v.IsNil() {
		return v.Elem().Interface()
	}
	return a
}

// t is a text in the reader's language.
func (v *visit) t(key string, args ...any) string { return v.lang.t(key, args...) }

// word is a code of the wire as people say it, "bezoek-gepland"; the code itself when
// there is no word for it.
func (l lang) word(set, code string) string {
	key := set + "." + code
	if _, ok := allTexts[key]; ok {
		return l.t(key)
	}
	return code
}

// words are the codes of a set with their words, in the order that is given.
func (l lang) words(set string, codes ...string) string {
	said := make([]string, len(codes))
	for i, c := range codes {
		said[i] = l.word(set, c)
	}
	return strings.Join(said, ", ")
}

var (
	dutchMonths  = []string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}
	dutchDays    = []string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"}
	shortMonthNL = []string{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"}
)

// amsterdam is where a day begins.
var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err)
	}
	return l
}()

func timeOf(d events.Date) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	return t, err == nil
}

// date is "26 november 2026".
func (l lang) date(d events.Date) string {
	t, ok := timeOf(d)
	if !ok {
		return string(d)
	}
	return l.dayMonth(t) + " " + strconv.Itoa(t.Year())
}

// day is "26 november", with its year when that is not this one.
func (v *visit) day(d events.Date) string {
	t, ok := timeOf(d)
	if !ok || strconv.Itoa(t.Year()) == string(v.today())[:4] {
		if !ok {
			return string(d)
		}
		return v.lang.dayMonth(t)
	}
	return v.lang.date(d)
}

func (l lang) dayMonth(t time.Time) string {
	if l == english {
		return t.Format("2 January")
	}
	return strconv.Itoa(t.Day()) + " " + dutchMonths[t.Month()-1]
}

// weekday is "donderdag 26 november".
func (l lang) weekday(d events.Date) string {
	t, ok := timeOf(d)
	if !ok {
		return string(d)
	}
	if l == english {
		return t.Format("Monday 2 January")
	}
	return dutchDays[t.Weekday()] + " " + l.dayMonth(t)
}

// days is "26 november 2026" or "26 november tot en met 10 december 2026".
func (l lang) days(from, to events.Date) string {
	if to == "" || from == to {
		return l.date(from)
	}
	a, ok1 := timeOf(from)
	b, ok2 := timeOf(to)
	first := l.date(from)
	if ok1 && ok2 && a.Year() == b.Year() {
		first = l.dayMonth(a)
	}
	return l.t("tijd.van-tot", first, l.date(to))
}

// month is "november 2026", of "2026-11".
func (l lang) month(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	if l == english {
		return t.Format("January 2006")
	}
	return dutchMonths[t.Month()-1] + " " + strconv.Itoa(t.Year())
}

func (l lang) shortMonth(t time.Time) string {
	if l == english {
		return t.Format("Jan")
	}
	return shortMonthNL[t.Month()-1]
}

// clock is "9.41 uur", in Amsterdam.
func (l lang) clock(t time.Time) string {
	if l == english {
		return t.In(amsterdam).Format("15:04")
	}
	return t.In(amsterdam).Format("15.04") + " uur"
}

// moment is "22 november 2026, 9.41 uur".
func (l lang) moment(t time.Time) string {
	return l.date(events.DateOf(t)) + ", " + l.clock(t)
}

// upTo is "vandaag 9.41 uur", or the day with it.
func (v *visit) upTo(f web.Freshness) string {
	if events.DateOf(f.UpTo) == v.today() {
		return v.t("tijd.vandaag-om", v.lang.clock(f.UpTo))
	}
	return v.lang.moment(f.UpTo)
}

// ago is "12 dagen geleden", "over 3 dagen", "vandaag", "gisteren".
func (v *visit) ago(d events.Date) string {
	t, ok := timeOf(d)
	now, _ := timeOf(v.today())
	if !ok {
		return string(d)
	}
	switch n := int(now.Sub(t).Hours() / 24); {
	case n == 0:
		return v.t("tijd.vandaag")
	case n == 1:
		return v.t("tijd.gisteren")
	case n == -1:
		return v.t("tijd.morgen")
	case n > 60:
		return v.t("tijd.maanden-geleden", n/30)
	case n > 0:
		return v.t("tijd.dagen-geleden", n)
	default:
		return v.t("tijd.over-dagen", -n)
	}
}

func (v *visit) today() events.Date { return events.DateOf(v.s.cfg.Now()) }

// num is a number as a language writes it, "1.184".
func (l lang) num(n any) string { return printers[l].Sprint(pointedTo(n)) }

// list is "a, b en c".
func (l lang) list(all []string) string {
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	return strings.Join(all[:len(all)-1], ", ") + " " + l.t("taal.en") + " " + all[len(all)-1]
}
