package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"
)

// readAll gives what an input hands on: each event as it is offered with its line,
// and its batches.
func readAll(in *input) (events []string, sizes []int, to []mark, err error) {
	err = in.each(func(b batch) error {
		for _, e := range b.events {
			events = append(events, fmt.Sprintf("%d:%d %s", e.number, e.line, e.send))
		}
		sizes, to = append(sizes, len(b.events)), append(to, b.to)
		return nil
	})
	return events, sizes, to, err
}

func TestInput(t *testing.T) {
	const bom = "\xef\xbb\xbf"
	long := `{"a":"` + strings.Repeat("x", longLine) + `"}`
	for _, c := range []struct {
		name, in string
		named    bool // .jsonl
		want     []string
		says     string // the error
	}{
		{"nothing", "", false, nil, ""},
		{"empty lines", "\n \r\n\n", true, nil, ""},
		{"lines", "{\"a\":1}\n\n{\"a\":2}\r\n{\"a\":3}", false, []string{`1:1 {"a":1}`, `2:3 {"a":2}`, `3:4 {"a":3}`}, ""},
		{"a bad line among lines", "{\"a\":1}\n{\"a\":\n{\"a\":3}\n", false, []string{`1:1 {"a":1}`, `2:2 {"a":`, `3:3 {"a":3}`}, ""},
		{"a bad line at first", "x\n{\"a\":1}\n", true, []string{"1:1 x", `2:2 {"a":1}`}, ""},
		{"a bad line at first of what may be anything", "x\n{\"a\":1}\n", false, nil, "not JSON"},
		{"no JSON at all, in lines", "id;datum\na;b\n", true, []string{"1:1 id;datum", "2:2 a;b"}, ""},
		{"the last line is broken off", "{\"a\":1}\n{\"a\":", true, []string{`1:1 {"a":1}`}, "not JSON"},
		{"the last line is broken off behind a whole one", "{\"a\":1}\n{\"a\":2}{\"a\":", false, []string{`1:1 {"a":1}`, `2:0 {"a":2}`}, "not JSON"},
		{"several on a line", "{\"a\":1}{\"a\":2}\n[{\"a\":3},{\"a\":4}]\n{\"a\":5}\n", true, []string{`1:1 {"a":1}`, `2:1 {"a":2}`, `3:2 {"a":3}`, `4:2 {"a":4}`, `5:3 {"a":5}`}, ""},
		{"what is no event is for the book to refuse", "1\n\"x\"\nnull\n", true, []string{"1:1 1", `2:2 "x"`, "3:3 null"}, ""},
		{"pretty", "{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n", false, []string{"1:0 {\n \"a\": 1\n}", "2:0 {\n \"a\": 2\n}"}, ""},
		{"an error in pretty JSON ends it", "{\n \"a\": 1\n}\n{\n \"a\" 2\n}\n{}", false, []string{"1:0 {\n \"a\": 1\n}"}, "not JSON"},
		{"a list", "[{\"a\":1},\n{\"a\":2}]", false, []string{`1:0 {"a":1}`, `2:0 {"a":2}`}, ""},
		{"a list behind lines", "{\"a\":1}\n[{\"a\":2},\n{\"a\":3}]\n", false, []string{`1:1 {"a":1}`, `2:0 {"a":2}`, `3:0 {"a":3}`}, ""},
		{"a list behind lines that are said to be lines", "{\"a\":1}\n[{\"a\":2},\n{\"a\":3}]\n", true, []string{`1:1 {"a":1}`, `2:2 [{"a":2},`, `3:3 {"a":3}]`}, ""},
		{"a byte order mark", bom + "{\"a\":1}\n{\"a\":2}\n", false, []string{`1:1 {"a":1}`, `2:2 {"a":2}`}, ""},
		{"a byte order mark before a list", bom + `[{"a":1}]`, false, []string{`1:0 {"a":1}`}, ""},
		{"a line that is too long", long + "\n{\"a\":2}\n", true, []string{"1:1 " + long[:longLine], `2:2 {"a":2}`}, ""},
		{"a list that is one long line", "[" + long + ",1]", false, []string{"1:0 " + long, "2:0 1"}, ""},
		{"a value without end", `["` + strings.Repeat("x", longValue) + `"]`, false, nil, "bytes"},
		{"a refused line", `{"geweigerd":{"nummer":7},"melding":{"a": 1}}` + "\n" + `{"geweigerd":{"nummer":8},"tekst":"{\"a\":"}` + "\n{\"a\":3}\n", false,
			[]string{`1:1 {"a": 1}`, `2:2 {"a":`, `3:3 {"a":3}`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []int64{-1, int64(len(c.in))} {
				in := &input{from: iotest.OneByteReader(strings.NewReader(c.in)), size: size, most: 2, named: c.named}
				if len(c.in) > longLine {
					in.from = strings.NewReader(c.in)
				}
				got, _, _, err := readAll(in)
				if !slices.Equal(got, c.want) {
					t.Errorf("%q, want %q", brief(got), brief(c.want))
				}
				if (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
					t.Errorf("error %v", err)
				}
			}
		})
	}
}

func brief(list []string) (short []string) {
	for _, s := range list {
		short = append(short, s[:min(len(s), 60)])
	}
	return short
}

// However a file is cut into batches, and wherever it was broken off: going on from
// a mark gives the rest of the events, and the same marks.
func TestInputGoesOn(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(rapid.SampledFrom([]string{`{"a":1}`, `{"b":[1,{}]}`, "", "kapot", `{"c":`, `{"d":1}{"d":2}`, " {} "}), 1, 30).Draw(rt, "lines")
		text := "{}\n" + strings.Join(lines, "\n") + "\n"
		if rapid.Bool().Draw(rt, "a list") {
			text = "[" + strings.Repeat(`{"a":1}, `+"\n", len(lines)) + "{}]"
		}
		most := rapid.IntRange(1, 5).Draw(rt, "most")
		fresh := func() *input {
			return &input{from: strings.NewReader(text), size: int64(len(text)), most: most}
		}
		all, sizes, marks, err := readAll(fresh())
		if err != nil {
			rt.Fatal(err)
		}
		i := rapid.IntRange(0, len(marks)-1).Draw(rt, "broken off")
		done := 0
		for _, n := range sizes[:i+1] {
			done += n
		}
		in, at := fresh(), marks[i]
		if !at.Lined {
			in.skip = at.Events
		} else {
			sum := sha256.New()
			if _, err := io.CopyN(sum, in.from, at.Bytes); err != nil {
				rt.Fatal(err)
			}
			if got := hex.EncodeToString(sum.Sum(nil)); got != at.Sum {
				rt.Fatalf("the hash up to %d is not that of the mark", at.Bytes)
			}
			in.tally, in.at, in.number = &tally{sum: sum, done: at.Bytes}, at, at.Events
		}
		rest, _, more, err := readAll(in)
		if err != nil {
			rt.Fatal(err)
		}
		// A line with several events that a batch ends in is read again as a whole.
		if want := all[min(done, at.Events):]; !slices.Equal(rest, want) {
			rt.Fatalf("behind %+v: %q, want %q of\n%s", at, rest, want, text)
		}
		if len(more) > 0 { // empty lines behind the last batch may be in its mark or not
			end, want := more[len(more)-1], marks[len(marks)-1]
			between := text[min(end.Bytes, want.Bytes):max(end.Bytes, want.Bytes)]
			if end.Events != want.Events || strings.TrimSpace(between) != "" {
				rt.Fatalf("ends at %+v, want %+v", end, want)
			}
		}
	})
}

// What was read is handed on before more is waited for, and a batch of a file is
// full.
func TestInputHandsOn(t *testing.T) {
	r, w := io.Pipe()
	got, done := make(chan int), make(chan error)
	go func() {
		in := &input{from: r, size: -1, most: 3}
		done <- in.each(func(b batch) error { got <- len(b.events); return nil })
	}()
	for _, c := range []struct {
		in   string
		want []int
	}{{"{}\n", []int{1}}, {"{}\n{}\n", []int{2}}, {"{}\n{}\n{}\n{}\n{", []int{3, 1}}, {"}\n", []int{1}}} {
		go io.WriteString(w, c.in)
		for _, want := range c.want {
			if n := <-got; n != want {
				t.Errorf("%q: handed on %d, want %d", c.in, n, want)
			}
		}
	}
	w.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	text := strings.Repeat("{}\n", 10)
	if _, sizes, _, err := readAll(&input{from: iotest.HalfReader(strings.NewReader(text)), size: int64(len(text)), most: 4}); err != nil || !slices.Equal(sizes, []int{4, 4, 2}) {
		t.Errorf("of a file: %v %v", sizes, err)
	}
	enough := errors.New("enough")
	if err := (&input{from: strings.NewReader(text), size: -1, most: 4}).each(func(batch) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
	broken := io.MultiReader(strings.NewReader("{}\n"), iotest.ErrReader(enough))
	if got, _, _, err := readAll(&input{from: broken, size: -1, most: 4}); !errors.Is(err, enough) || len(got) != 1 {
		t.Errorf("of a file that cannot be read on: %q %v", got, err)
	}
}

func TestSayAfterwards(t *testing.T) {
	for in, want := range map[string]string{
		`{"id":"a","data":{}}`:                        `{"achteraf":true,"id":"a","data":{}}`,
		` { "n" : 1.50, "data":{"achteraf":false} } `: ` {"achteraf":true, "n" : 1.50, "data":{"achteraf":false} } `,
		`{"id":"a","achteraf":false}`:                 `{"id":"a","achteraf":false}`,
		`{"achteraf":true}`:                           `{"achteraf":true}`,
		`{"ach\u0074eraf":true}`:                      `{"ach\u0074eraf":true}`,
		`{"id":"a","id":"b"}`:                         `{"achteraf":true,"id":"a","id":"b"}`,
		"{\"id\":\"\xff\"}":                           "{\"achteraf\":true,\"id\":\"\xff\"}",
		`{}`:                                          `{}`,
		`[1]`:                                         `[1]`,
		`{"id":`:                                      `{"id":`,
		``:                                            ``,
	} {
		if got := string(sayAfterwards([]byte(in))); got != want {
			t.Errorf("%s became %s", in, got)
		} else if jsontext.Value(in).IsValid(asWritten) && !jsontext.Value(got).IsValid(asWritten) {
			t.Errorf("%s is no JSON any more", got)
		}
	}
}
