package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestEachEvent(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		fails    bool
	}{
		{"nothing", " \n", nil, false},
		{"one", `{"id":"a"}`, []string{`{"id":"a"}`}, false},
		{"lines", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n", []string{`{"id":"a"}`, `{"id":"b"}`}, false},
		{"an array", `[{"id":"a"}, {"id":"b"}]`, []string{`{"id":"a"}`, `{"id":"b"}`}, false},
		{"arrays and lines", `[{"id":"a"}] {"id":"b"} []`, []string{`{"id":"a"}`, `{"id":"b"}`}, false},
		{"as it was written", `{ "n" : 1.50, "n" : -0 }`, []string{`{ "n" : 1.50, "n" : -0 }`}, false},
		{"bytes that are no UTF-8", "{\"id\":\"\xff\"}", []string{"{\"id\":\"\xff\"}"}, false},
		{"a list within an event", `{"a":[1,[2]]}`, []string{`{"a":[1,[2]]}`}, false},
		{"what is no event is for the ledger to refuse", `1 "x" null`, []string{`1`, `"x"`, `null`}, false},
		{"broken off", "{\"id\":\"a\"}\n{\"id\":", []string{`{"id":"a"}`}, true},
		{"an array that is broken off", `[{"id":"a"},`, []string{`{"id":"a"}`}, true},
		{"no JSON", "id;datum\na;b", nil, true},
		{"a bracket too many", `{"id":"a"}]`, []string{`{"id":"a"}`}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := eachEvent(strings.NewReader(c.in), func(raw []byte) error {
				got = append(got, string(raw))
				return nil
			})
			if !slices.Equal(got, c.want) || (err != nil) != c.fails {
				t.Errorf("got %q %v, want %q", got, err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), "not JSON") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEachEventStops(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	err := eachEvent(strings.NewReader(`{} {} {}`), func([]byte) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
}
