package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"huisboek/adapters/signin"
	"huisboek/events"
	"huisboek/ledger"
)

//go:embed html/*.html
var htmlFiles embed.FS

// shown is what a template is given: the frame of the page, and its own data in D.
type shown struct {
	Title     string
	Lang      lang
	Path      string // of this page, for live and the other language
	OtherLang string // the address of this page in the other language
	Person    *signin.Person
	Partner   string // its name
	Menu      []menuItem
	Crumbs    []crumb
	Wide      bool
	UpTo      string // in words; empty: the page does not depend on the book
	Position  events.Position
	Moment    time.Time
	Live      bool
	Marks     string // what is on it, for live
	Test      bool   // a book for trying things
	Region    string
	Faults    []fault
	Notice    *notice
	D         any
}

// Fault is what is wrong with a field of the form, empty when nothing is.
func (s *shown) Fault(field string) string { return faultOf(s.Faults, field) }

// parse reads the templates, once for each language: the words are functions, so
// that they are at hand in every part whatever its dot is.
func (s *Server) parse() (map[lang]map[string]*template.Template, error) {
	files, err := fs.Glob(htmlFiles, "html/*.html")
	if err != nil {
		return nil, err
	}
	out := map[lang]map[string]*template.Template{}
	for _, l := range []lang{dutch, english} {
		out[l] = map[string]*template.Template{}
		base, err := template.New("layout.html").Funcs(s.funcs(&visit{s: s, lang: l})).ParseFS(htmlFiles, "html/layout.html", "html/parts*.html")
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if name == "layout" || strings.HasPrefix(name, "parts") {
				continue
			}
			one, err := base.Clone()
			if err == nil {
				one, err = one.ParseFS(htmlFiles, file)
			}
			if err != nil {
				return nil, fmt.Errorf("pages: %w", err)
			}
			out[l][name] = one
		}
	}
	return out, nil
}

// funcs are what templates can call, in a language. They are few: what a page shows
// its handler works out.
func (s *Server) funcs(v *visit) template.FuncMap {
	l := v.lang
	return template.FuncMap{
		"t":     l.t,
		"lang":  func() string { return string(l) },
		"word":  l.word,
		"words": func(set string, codes []string) string { return l.words(set, codes...) },
		"date":  l.date, "days": l.days, "onDays": v.onDays, "month": l.month, "moment": l.moment, "clock": l.clock, "weekday": l.weekday,
		"day": v.day, "ago": v.ago, "today": v.today,
		"num": l.num, "list": l.list, "say": l.of,
		"kind":  s.kindOf,
		"asset": func(name string) string { return s.assets.path(name) },
		"tel":   telephone,
		"lower": lowered,
		"hour":  l.hour,
		"key":   func(e interface{ Key() string }) string { return e.Key() },
	}
}

// kindOf is the class of a partner's colour and pattern: gemeente, uwv, sw or overig.
func (s *Server) kindOf(p ledger.PartnerName) string {
	if one := s.partner(p.ID); one != nil && slices.Contains([]string{"gemeente", "uwv", "sw"}, one.Kind) {
		return one.Kind
	}
	return "overig"
}

// telephone is the address of a telephone number: "tel:" and its digits.
func telephone(number string) template.URL {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
	return template.URL("tel:" + digits) //nolint:gosec // digits and + only
}

// show writes a page. It is made whole before the first byte goes out, so that half a
// page is never seen.
func (v *visit) show(p *page) {
	status := p.status
	if status == 0 {
		status = http.StatusOK
	}
	if len(p.faults) > 0 && p.status == 0 {
		status = http.StatusUnprocessableEntity
	}
	var out bytes.Buffer
	if err := v.render(&out, p); err != nil {
		v.s.cfg.Log.ErrorContext(v.ctx(), "a page cannot be made", "template", p.template, "error", err)
		out.Reset()
		status = http.StatusInternalServerError
		if err := v.render(&out, v.failed(err)); err != nil {
			http.Error(v.w, v.t("fout.onverwacht"), status)
			return
		}
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", string(v.lang))
	v.w.WriteHeader(status)
	out.WriteTo(v.w)
}

func (v *visit) render(out *bytes.Buffer, p *page) error {
	t := v.s.templates[v.lang][p.template]
	if t == nil {
		return fmt.Errorf("no template %q", p.template)
	}
	return t.Execute(out, v.framed(p))
}

func (v *visit) framed(p *page) *shown {
	s := &shown{
		Title: p.title, Lang: v.lang, Path: v.r.URL.RequestURI(), OtherLang: v.inOtherLanguage(), Person: v.person,
		Menu: v.menu(p.nav), Crumbs: p.crumbs, Wide: p.wide, Faults: p.faults, Notice: v.notice(), D: p.data,
		Live: p.marks != nil, Test: v.s.cfg.Book.Test, Region: v.s.regionName(),
	}
	if s.Live {
		s.Marks = shows(p.marks, p.upTo.Position)
	}
	if !p.upTo.UpTo.IsZero() {
		s.UpTo, s.Position, s.Moment = v.upTo(p.upTo), p.upTo.Position, p.upTo.UpTo
	}
	if v.person != nil {
		s.Partner = v.partnerName(v.person.Partner)
	}
	return s
}

// fragment writes a part of a page by itself, for script to put in its place.
func (v *visit) fragment(file, name string, data any) error {
	var out bytes.Buffer
	if err := v.s.templates[v.lang][file].ExecuteTemplate(&out, name, data); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	out.WriteTo(v.w)
	return nil
}
