package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// apiDocument is an OpenAPI document as far as the page shows it.
type apiDocument struct {
	OpenAPI string
	Info    struct {
		Title, Version, Description string
		Contact                     struct{ Name, Email, URL string }
		License                     struct{ Name string }
	}
	Servers    []apiServer
	Tags       []apiTag
	Paths      ordered[ordered[apiOperation]]
	Components struct{ Schemas ordered[*apiSchema] }
}

type apiServer struct{ URL string }

type apiTag struct{ Name, Description string }

type apiOperation struct {
	OperationID, Summary, Description string
	Tags                              []string
	Parameters                        []apiParameter
	RequestBody                       *struct {
		Description string
		Content     ordered[apiMedia]
	}
	Responses ordered[apiResponse]
}

type apiParameter struct {
	Name, In, Description string
	Required              bool
	Explode               *bool
	Schema                *apiSchema
	Example               json.RawMessage
	Examples              ordered[*apiExample]
}

// texts are a value as it is sent: of a list each one, unless they go together.
func (p *apiParameter) texts(value json.RawMessage) []string {
	var list []string
	switch {
	case json.Unmarshal(value, &list) != nil:
		return []string{strings.Trim(string(value), `"`)}
	case p.Explode != nil && !*p.Explode:
		return []string{strings.Join(list, ",")}
	}
	return list
}

// Shown is an example of a value, "" when there is none.
func (p *apiParameter) Shown() string {
	switch {
	case len(p.Examples) > 0:
		return strings.Join(p.texts(p.Examples[0].Value.Value), ", ")
	case p.Example != nil:
		return strings.Join(p.texts(p.Example), ", ")
	}
	return ""
}

type apiResponse struct {
	Description string
	Headers     ordered[json.RawMessage]
	Content     ordered[apiMedia]
}

type apiMedia struct {
	Schema   *apiSchema
	Examples ordered[*apiExample]
}

type apiExample struct {
	Summary string
	Value   json.RawMessage
	Mark    struct {
		Place int    `json:"volgorde"`
		By    string `json:"token"`
		exampleOdd
	} `json:"x-voorbeeld"`
}

// apiSchema is a JSON Schema as far as it can be told in a word or two.
type apiSchema struct {
	Ref         string `json:"$ref"`
	Type        words
	Format      string
	Description string
	Pattern     string
	Const       json.RawMessage
	Default     json.RawMessage
	Enum        []json.RawMessage
	Minimum     json.RawMessage
	Maximum     json.RawMessage
	MaxLength   int
	MaxItems    int
	Items       *apiSchema
	Properties  ordered[*apiSchema]
	Required    []string
	AnyOf       []*apiSchema
	By          string `json:"x-melder"`
}

// rank puts required members first, in their order.
func (s *apiSchema) rank(member string) int {
	if i := slices.Index(s.Required, member); i >= 0 {
		return i
	}
	return len(s.Required)
}

// reference is the schema that the value has, or the values in a list have.
func (s *apiSchema) reference() string {
	for _, one := range append([]*apiSchema{s, s.Items}, s.AnyOf...) {
		if one != nil && one.Ref != "" {
			return strings.TrimPrefix(one.Ref, schemaSpace)
		}
	}
	return ""
}

// forms are the JSON types and formats as people call them.
var forms = map[string]string{
	"string": "tekst", "integer": "geheel getal", "number": "getal", "boolean": "true of false", "object": "object",
	"date": "dag, zoals 2026-11-22", "date-time": "moment (RFC 3339)", "uuid": "UUID", "email": "e-mailadres", "uri": "URI",
}

// form says in a few words what a value is.
func (s *apiSchema) form() string {
	words := s.kind()
	if s.MaxLength > 0 {
		words += fmt.Sprintf(", tot %d tekens", s.MaxLength)
	}
	return words
}

func (s *apiSchema) kind() string {
	kind := ""
	for _, t := range s.Type {
		if t != "null" {
			kind = t
		}
	}
	switch {
	case s.Const != nil:
		return "altijd " + strings.Trim(string(s.Const), `"`)
	case kind == "array":
		words := "lijst"
		if s.MaxItems > 0 {
			words += fmt.Sprintf(", tot %d,", s.MaxItems)
		}
		if s.Items != nil && len(s.Items.Properties) == 0 {
			return words + " van " + s.Items.kind() // of one that is shown elsewhere the name follows
		}
		return strings.TrimSuffix(words, ",")
	case s.Enum != nil:
		return "een van:"
	case digits.MatchString(s.Pattern):
		return digits.FindStringSubmatch(s.Pattern)[1] + " cijfers"
	case forms[s.Format] != "":
		return forms[s.Format]
	}
	return forms[kind]
}

// digits is the pattern of a number of so many digits.
var digits = regexp.MustCompile(`^\^\[0-9\]\{([0-9]+)\}\$$`)

// nullable reports whether null may stand there.
func (s *apiSchema) nullable() bool {
	return slices.Contains(s.Type, "null") ||
		slices.ContainsFunc(s.AnyOf, func(one *apiSchema) bool { return slices.Contains(one.Type, "null") })
}

// shortPattern is a pattern that says more than the form does and can be read.
func (s *apiSchema) shortPattern() string {
	if len(s.Pattern) > 48 || s.Format != "" || digits.MatchString(s.Pattern) {
		return ""
	}
	return s.Pattern
}

// values are those of a closed list.
func (s *apiSchema) values() (list []string) {
	enum := s.Enum
	if s.Items != nil {
		enum = s.Items.Enum
	}
	for _, v := range enum {
		list = append(list, strings.Trim(string(v), `"`))
	}
	return list
}

// words is a string or a list of them.
type words []string

// UnmarshalJSON implements json.Unmarshaler.
func (w *words) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, (*[]string)(w))
	}
	*w = make(words, 1)
	return json.Unmarshal(b, &(*w)[0])
}

// ordered is a JSON object whose members keep their order.
type ordered[T any] []entry[T]

type entry[T any] struct {
	Name  string
	Value T
}

func (o ordered[T]) get(name string) (value T) {
	for _, e := range o {
		if e.Name == name {
			return e.Value
		}
	}
	return value
}

// UnmarshalJSON implements json.Unmarshaler.
func (o *ordered[T]) UnmarshalJSON(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	if _, err := d.Token(); err != nil { // the brace
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		var e entry[T]
		e.Name, _ = name.(string)
		if err := d.Decode(&e.Value); err != nil {
			return err
		}
		*o = append(*o, e)
	}
	return nil
}
