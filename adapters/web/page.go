package web

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"huisboek/events"
)

// The addresses of the page for people, and of what it looks like.
const (
	pagePath  = "/documentatie"
	stylePath = "/documentatie/stijl.css"
)

// pagePolicy lets the page load its one stylesheet and nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var (
	//go:embed page/page.html
	pageTemplate string
	//go:embed page/page.css
	pageStyle []byte
)

// servePage is the described API as a page: made once from the bytes of the
// document, so that it cannot say anything else.
func (s *Server) servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write(s.page)
}

// serveStyle is the page's stylesheet.
func (s *Server) serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(pageStyle)
}

// renderPage makes the page of a document.
func renderPage(document []byte) ([]byte, error) {
	view := &pageView{Style: stylePath, Codes: faultCodes()}
	if err := json.Unmarshal(document, &view.Document); err != nil {
		return nil, err
	}
	view.gather()
	t, err := template.New("page").Funcs(template.FuncMap{"text": paragraphs}).Parse(pageTemplate)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, view)
	return b.Bytes(), err
}

// pageView is what the template shows.
type pageView struct {
	Document *apiDocument
	Style    string
	Groups   []pageGroup
	Common   []pageMember // of every event
	Events   []pageSchema
	Schemas  []pageSchema
	Codes    []pageCode
}

// pageGroup are the operations under one tag.
type pageGroup struct {
	Tag        apiTag
	Operations []pageOperation
}

// pageOperation is an operation with its examples in their order.
type pageOperation struct {
	apiOperation
	Method, Path string
	Bodies       []pageBody
	Answers      []pageAnswer
	Examples     []pageExample
}

// pageBody is what may be sent, and pageAnswer what comes back, as one line.
type pageBody struct {
	Media       string
	Schema      *apiSchema
	Description string
}

type pageAnswer struct {
	Status, Description, Media string
	Schema                     *apiSchema
	Headers                    []string
}

// Links are the schemas of the answer.
func (a pageAnswer) Links() (names []string) {
	if a.Schema == nil {
		return nil
	}
	for _, one := range append([]*apiSchema{a.Schema}, a.Schema.AnyOf...) {
		if name := strings.TrimPrefix(one.Ref, schemaSpace); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// Values are those of a closed list as they are written.
func (pageOperation) Values(enum []json.RawMessage) []string {
	return (&apiSchema{Enum: enum}).values()
}

// pageExample is a request to copy and what is answered to it.
type pageExample struct {
	Key, Summary, By string
	Status           string
	OK, Spent        bool // Spent: the token's share is used up
	Curl, Answer     string
	place            int
}

// pageSchema is a type of event or of an answer.
type pageSchema struct {
	ID, Name, Type, By, Description string
	Members                         []pageMember
}

// pageMember is one member of an object, one line of a table.
type pageMember struct {
	Name        string
	Form, After string // around Ref
	Ref         string // a schema that is shown elsewhere
	Pattern     string
	Tag         string // whether it must or may be there, where that is worth saying
	Description string
	Values      []string
}

// pageCode is a fault code and its sentence.
type pageCode struct{ Code, Sentence string }

// gather brings the document in the order of the page.
func (v *pageView) gather() {
	for _, tag := range v.Document.Tags {
		g := pageGroup{Tag: tag}
		for _, path := range v.Document.Paths {
			for _, m := range path.Value {
				if slices.Contains(m.Value.Tags, tag.Name) {
					g.Operations = append(g.Operations, operationView(m.Value, strings.ToUpper(m.Name), path.Name, v.Document.Servers))
				}
			}
		}
		slices.SortStableFunc(g.Operations, func(a, b pageOperation) int { return strings.Compare(b.Method, a.Method) }) // POST before GET
		if len(g.Operations) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	schemas := v.Document.Components.Schemas
	for _, t := range events.Types() {
		s := schemas.get(componentOf(t))
		if s == nil {
			continue
		}
		view := pageSchema{ID: t.Name(), Name: t.Name(), Type: string(t), By: s.By, Description: s.Description}
		for _, p := range s.Properties {
			if p.Name == "data" {
				view.Members = members(p.Value, "", "verplicht", "")
			}
		}
		if v.Common == nil {
			v.Common = slices.DeleteFunc(members(s, "", "verplicht", ""), func(m pageMember) bool { return strings.HasPrefix(m.Name, "data.") })
		}
		v.Events = append(v.Events, view)
	}
	for _, s := range schemas {
		if s.Value.By == "" && s.Name != eventSchema {
			v.Schemas = append(v.Schemas, pageSchema{ID: s.Name, Name: s.Name, Description: s.Value.Description, Members: members(s.Value, "", "", "niet altijd")})
		}
	}
}

// members are the lines of an object's table; those of an object within follow it
// under its name. What is required comes first; it is told by the word must, or
// else what is not by the word may.
func members(s *apiSchema, under, must, may string) (list []pageMember) {
	sorted := slices.Clone(s.Properties)
	slices.SortStableFunc(sorted, func(a, b entry[*apiSchema]) int { return s.rank(a.Name) - s.rank(b.Name) })
	for _, p := range sorted {
		v := p.Value
		m := pageMember{
			Name: under + p.Name, Form: v.form(), Ref: v.reference(), Pattern: v.shortPattern(),
			Description: v.Description, Values: v.values(),
		}
		if v.nullable() {
			m.After = "of null"
		}
		if slices.Contains(s.Required, p.Name) == (must != "") {
			m.Tag = cmp.Or(must, may)
		}
		list = append(list, m)
		inner := v
		if v.Items != nil {
			inner = v.Items
		}
		if len(inner.Properties) > 0 {
			list = append(list, members(inner, m.Name+".", must, may)...)
		}
	}
	return list
}

func operationView(op apiOperation, method, path string, servers []apiServer) pageOperation {
	base := ""
	if len(servers) > 0 {
		base = servers[0].URL
	}
	o := pageOperation{apiOperation: op, Method: method, Path: base + path}
	if op.RequestBody != nil {
		for _, c := range op.RequestBody.Content {
			o.Bodies = append(o.Bodies, pageBody{c.Name, c.Value.Schema, c.Value.Schema.Description})
		}
	}
	for _, r := range op.Responses {
		a := pageAnswer{Status: r.Name, Description: r.Value.Description}
		for _, h := range r.Value.Headers {
			if h.Name != "API-Version" && h.Name != "X-Request-Id" { // those are in every answer
				a.Headers = append(a.Headers, h.Name)
			}
		}
		for _, c := range r.Value.Content {
			a.Media, a.Schema = c.Name, c.Value.Schema
			for _, e := range c.Value.Examples {
				o.Examples = append(o.Examples, o.example(r.Name, e.Name, e.Value))
			}
		}
		o.Answers = append(o.Answers, a)
	}
	slices.SortStableFunc(o.Examples, func(a, b pageExample) int { return a.place - b.place })
	return o
}

func (o *pageOperation) example(status, key string, answer *apiExample) pageExample {
	var pretty bytes.Buffer
	if json.Indent(&pretty, answer.Value, "", "  ") != nil {
		pretty.Write(answer.Value)
	}
	return pageExample{
		Key: key, Summary: answer.Summary, By: answer.Mark.By, Status: status, OK: status < "300", Spent: answer.Mark.Circumstance == circumstanceSpent,
		Curl: o.curl(key, answer), Answer: pretty.String(), place: answer.Mark.Place,
	}
}

// paragraphs are the paragraphs of a description.
func paragraphs(s string) []string {
	return strings.FieldsFunc(strings.ReplaceAll(s, "\n\n", "\x00"), func(r rune) bool { return r == 0 })
}

// curl is the example's request as a command line.
func (o *pageOperation) curl(key string, answer *apiExample) string {
	path, query := o.Path, []string{}
	var lines []string
	odd := answer.Mark.exampleOdd
	for _, p := range o.Parameters {
		value, ok := odd.Parameters[p.Name]
		values := []string{value}
		if given := p.Examples.get(key); given != nil {
			values, ok = p.texts(given.Value), true
		}
		switch {
		case !ok:
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", values[0])
		case p.In == "query":
			for _, value := range values {
				query = append(query, p.Name+"="+url.QueryEscape(value))
			}
		case p.In == "header":
			lines = append(lines, "-H "+quoted(p.Name+": "+values[0]))
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	if answer.Mark.By != "" {
		lines = append(lines, `-H "Authorization: Bearer $TOKEN"`)
	}
	if odd.Accept != "" {
		lines = append(lines, "-H "+quoted("Accept: "+odd.Accept))
	}
	media, body := odd.Media, odd.Body
	if o.RequestBody != nil && media == "" {
		for _, c := range o.RequestBody.Content {
			if given := c.Value.Examples.get(key); given != nil {
				var pretty bytes.Buffer
				json.Indent(&pretty, given.Value, "", "  ")
				media, body = c.Name, pretty.String()
			}
		}
	}
	if media != "" {
		if odd.Spaces > 0 {
			body = quoted(body) + fmt.Sprintf(`"$(printf '%%%ds')"`, odd.Spaces)
		} else {
			body = quoted(body)
		}
		lines = append(lines, "-H "+quoted("Content-Type: "+media), "--data-binary "+body)
	}
	return fmt.Sprintf("curl \"$BOEK\"%s", strings.Join(append([]string{quoted(path)}, lines...), " \\\n  "))
}

// quoted is a word for a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
