package events

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"
)

// conforms checks a value against a JSON Schema of draft 2020-12, for the
// keywords that Schema uses; any other keyword is an error, so that none is
// passed over. Of the formats only a date says more than the pattern beside it.
func conforms(schema, value any) error {
	s, ok := schema.(map[string]any)
	if !ok {
		if schema == false {
			return fmt.Errorf("nothing is allowed here")
		}
		return nil
	}
	for keyword, want := range s {
		check, ok := keywordChecks[keyword]
		if !ok {
			return fmt.Errorf("keyword %q is not known to this test", keyword)
		}
		if check == nil {
			continue
		}
		if err := check(s, want, value); err != nil {
			return fmt.Errorf("%s: %w", keyword, err)
		}
	}
	return nil
}

type keywordCheck func(schema map[string]any, want, value any) error

var keywordChecks map[string]keywordCheck

func init() {
	keywordChecks = map[string]keywordCheck{
		"$schema": nil, "$id": nil, "title": nil, "description": nil,
		"format":               checkFormat,
		"const":                func(_ map[string]any, want, v any) error { return must(reflect.DeepEqual(want, v), "another value") },
		"enum":                 func(_ map[string]any, want, v any) error { return must(contains(want.([]any), v), "not in the list") },
		"type":                 checkType,
		"required":             checkRequired,
		"properties":           checkProperties,
		"propertyNames":        checkNames,
		"additionalProperties": checkAdditional,
		"dependentRequired":    checkDependent,
		"allOf":                checkAllOf,
		"oneOf":                checkOneOf,
		"items":                checkItems,
		"uniqueItems":          checkUnique,
		"pattern":              checkPattern,
		"maxLength":            length(func(n, limit float64) bool { return n <= limit }),
		"minLength":            length(func(n, limit float64) bool { return n >= limit }),
		"maxItems":             size(func(n, limit float64) bool { return n <= limit }),
		"minItems":             size(func(n, limit float64) bool { return n >= limit }),
		"minimum":              number(func(n, limit float64) bool { return n >= limit }),
		"maximum":              number(func(n, limit float64) bool { return n <= limit }),
		"multipleOf": number(func(n, unit float64) bool {
			return math.Abs(n/unit-math.Round(n/unit)) < 1e-6
		}),
	}
}

func must(ok bool, what string) error {
	if !ok {
		return fmt.Errorf("%s", what)
	}
	return nil
}

func contains(list []any, v any) bool {
	return slices.ContainsFunc(list, func(x any) bool { return reflect.DeepEqual(x, v) })
}

func checkType(_ map[string]any, want, v any) error {
	names, ok := want.([]any)
	if !ok {
		names = []any{want}
	}
	kind := map[reflect.Kind]string{
		reflect.String: "string", reflect.Bool: "boolean", reflect.Float64: "number", reflect.Map: "object", reflect.Slice: "array",
	}[reflect.ValueOf(v).Kind()]
	if n, ok := v.(float64); ok && n == math.Trunc(n) && contains(names, "integer") {
		return nil
	}
	return must(contains(names, kind), "not a "+fmt.Sprint(want))
}

func checkRequired(_ map[string]any, want, v any) error {
	o, _ := v.(map[string]any)
	for _, name := range want.([]any) {
		if _, ok := o[name.(string)]; o != nil && !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	return nil
}

func checkProperties(_ map[string]any, want, v any) error {
	o, _ := v.(map[string]any)
	for name, schema := range want.(map[string]any) {
		if x, ok := o[name]; ok {
			if err := conforms(schema, x); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func checkNames(_ map[string]any, want, v any) error {
	o, _ := v.(map[string]any)
	for name := range o {
		if err := conforms(want, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkAdditional(s map[string]any, want, v any) error {
	o, _ := v.(map[string]any)
	known, _ := s["properties"].(map[string]any)
	for name, x := range o {
		if _, ok := known[name]; !ok {
			if err := conforms(want, x); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func checkDependent(_ map[string]any, want, v any) error {
	o, _ := v.(map[string]any)
	for name, others := range want.(map[string]any) {
		if _, ok := o[name]; ok {
			if err := checkRequired(nil, others, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkAllOf(_ map[string]any, want, v any) error {
	for _, schema := range want.([]any) {
		if err := conforms(schema, v); err != nil {
			return err
		}
	}
	return nil
}

func checkOneOf(_ map[string]any, want, v any) error {
	n := 0
	for _, schema := range want.([]any) {
		if conforms(schema, v) == nil {
			n++
		}
	}
	return must(n == 1, fmt.Sprintf("%d forms fit", n))
}

func checkItems(_ map[string]any, want, v any) error {
	list, _ := v.([]any)
	for i, x := range list {
		if err := conforms(want, x); err != nil {
			return fmt.Errorf("%d: %w", i, err)
		}
	}
	return nil
}

func checkUnique(_ map[string]any, want, v any) error {
	list, _ := v.([]any)
	for i, x := range list {
		if contains(list[:i], x) {
			return fmt.Errorf("%d is there twice", i)
		}
	}
	return nil
}

func checkFormat(_ map[string]any, want, v any) error {
	s, ok := v.(string)
	_, err := time.Parse(time.DateOnly, s)
	return must(!ok || want != "date" || err == nil, "no such day")
}

var patterns = make(map[string]*regexp.Regexp)

func checkPattern(_ map[string]any, want, v any) error {
	s, ok := v.(string)
	if patterns[want.(string)] == nil {
		patterns[want.(string)] = regexp.MustCompile(want.(string))
	}
	return must(!ok || patterns[want.(string)].MatchString(s), "another form")
}

func length(fits func(n, limit float64) bool) keywordCheck {
	return func(_ map[string]any, want, v any) error {
		s, ok := v.(string)
		return must(!ok || fits(float64(utf8.RuneCountInString(s)), want.(float64)), "length")
	}
}

func size(fits func(n, limit float64) bool) keywordCheck {
	return func(_ map[string]any, want, v any) error {
		list, ok := v.([]any)
		return must(!ok || fits(float64(len(list)), want.(float64)), "size")
	}
}

func number(fits func(n, limit float64) bool) keywordCheck {
	return func(_ map[string]any, want, v any) error {
		n, ok := v.(float64)
		return must(!ok || fits(n, want.(float64)), "number")
	}
}

// parsed is JSON as Go values.
func parsed(b []byte) (v any, err error) {
	err = json.Unmarshal(b, &v)
	return v, err
}
