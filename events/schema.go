package events

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Schema is the JSON Schema (draft 2020-12) of an event of the type in
// structured mode, or nil when the type is not known. It is made from the same
// tags as the checks; the files in schemas are what it gives.
//
// What a schema cannot say stays with Decode: the order of days, the 11-test,
// the subject, how a number is written, duplicate names. And a schema takes a
// null member for a wrong one, where Decode takes it for an absent one.
func Schema(t Type) []byte {
	i, ok := kindOf[t]
	if !ok {
		return nil
	}
	name := t.Name()
	doc := keywords{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "urn:nl:werkgeversdiensten:" + name + ":v1"},
		{"title", name},
		{"description", describe(name, "")},
		{"type", "object"},
		{"required", []string{"specversion", "id", "source", "type", "data"}},
		{"properties", keywords{
			{"specversion", keywords{{"const", "1.0"}}},
			{"id", attributeSchema("id", "id")},
			{"source", attributeSchema("source", "source")},
			{"type", keywords{{"const", string(t)}}},
			{"subject", keywords{{"description", describe("subject", "")}, {"type", "string"}, {"pattern", formats["nummer"].pattern}}},
			{"time", attributeSchema("time", "moment")},
			{"datacontenttype", keywords{{"type", "string"}, {"pattern", `^[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]/[Jj][Ss][Oo][Nn]\s*(;.*)?$`}}},
			{"dataschema", attributeSchema("dataschema", "uri")},
			{achteraf, keywords{{"description", describe(achteraf, "")}, {"type", "boolean"}}},
			{"data", objectSchema(shapes[i].shape, name)},
		}},
		{"propertyNames", keywords{{"pattern", "^[a-z0-9]{1,20}$"}}},
		{"additionalProperties", keywords{{"type", []string{"string", "integer", "boolean"}}}},
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // only our own values are in it
	}
	v := jsontext.Value(b)
	if err := v.Indent(jsontext.WithIndent("  ")); err != nil {
		panic(err)
	}
	return append(v, '\n')
}

// keywords is a JSON object whose members keep their order.
type keywords []struct {
	name  string
	value any
}

// MarshalJSONTo implements [json.MarshalerTo].
func (k keywords) MarshalJSONTo(e *jsontext.Encoder) error {
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, m := range k {
		if err := e.WriteToken(jsontext.String(m.name)); err != nil {
			return err
		}
		if err := json.MarshalEncode(e, m.value); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

func (k *keywords) add(name string, value any) {
	*k = append(*k, struct {
		name  string
		value any
	}{name, value})
}

func attributeSchema(name, format string) keywords {
	k := keywords{{"description", describe(name, "")}, {"type", "string"}}
	f := formats[format]
	k.format(f)
	if f.max > 0 {
		k.add("maxLength", f.max)
	}
	return k
}

// objectSchema is the schema of an object; under names it in descriptions.
func objectSchema(s *shape, under string) keywords {
	var required []string
	var properties keywords
	for _, m := range s.members {
		if m.required {
			required = append(required, m.name)
		}
		schema := valueSchema(&m.value, m.name)
		if text := describe(m.name, under); text != "" {
			schema = append(keywords{{"description", text}}, schema...)
		}
		properties.add(m.name, schema)
	}
	k := keywords{{"type", "object"}}
	if len(required) > 0 {
		k.add("required", required)
	}
	k.add("properties", properties)
	k.together(s)
	k.add("additionalProperties", false)
	return k
}

// together adds the rules of check.go that a schema can say; which apply shows
// from the members.
func (k *keywords) together(s *shape) {
	has := func(name string) bool { _, ok := s.byName[name]; return ok }
	var all []keywords
	oneOf := func(names ...string) {
		var forms []keywords
		for _, name := range names {
			forms = append(forms, keywords{{"required", []string{name}}})
		}
		all = append(all, keywords{{"oneOf", forms}})
	}
	var dependent keywords
	if has("kvkNummer") {
		oneOf("kvkNummer", "buitenlands", "voorlopig")
	}
	if has("vestigingsnummer") {
		dependent.add("vestigingsnummer", []string{"kvkNummer"})
	}
	if has("datum") && has("periode") {
		oneOf("datum", "periode")
	}
	if has("sbiCode") {
		dependent.add("sbiCode", []string{"sbiVersie"})
		dependent.add("sbiVersie", []string{"sbiCode"})
	}
	if len(all) > 0 {
		k.add("allOf", all)
	}
	if len(dependent) > 0 {
		k.add("dependentRequired", dependent)
	}
}

func valueSchema(r *valueRule, under string) keywords {
	var k keywords
	switch r.kind {
	case kindBool:
		k.add("type", "boolean")
	case kindNumber:
		k.numbers(r)
	case kindObject:
		return objectSchema(r.object, under)
	case kindList:
		k.add("type", "array")
		k.add("items", valueSchema(r.elem, under))
		k.limits(r, "minItems", "maxItems")
		if r.elem.kind != kindObject {
			k.add("uniqueItems", true)
		}
	case kindString:
		k.add("type", "string")
		switch {
		case r.enum != nil:
			k.add("enum", r.enum.values)
		case r.format != nil:
			k.format(r.format)
			k.limits(r, "minLength", "maxLength")
		}
	}
	return k
}

func (k *keywords) numbers(r *valueRule) {
	if r.decimals {
		k.add("type", "number")
		k.add("multipleOf", jsontext.Value("0.01"))
	} else {
		k.add("type", "integer")
	}
	switch {
	case r.min == nil && strings.HasSuffix(r.typ.String(), "KeyID"):
		k.add("minimum", 1)
	case r.min == nil && !r.decimals:
		k.add("minimum", -maxInteger)
	}
	if r.max == nil && !r.decimals {
		k.add("maximum", maxInteger)
	}
	k.limits(r, "minimum", "maximum")
}

func (k *keywords) limits(r *valueRule, low, high string) {
	if r.min != nil {
		k.add(low, *r.min)
	}
	if r.max != nil {
		k.add(high, *r.max)
	}
}

func (k *keywords) format(f *format) {
	if f.schema != "" {
		k.add("format", f.schema)
	}
	k.add("pattern", f.pattern)
}
