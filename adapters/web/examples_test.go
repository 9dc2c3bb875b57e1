package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/boltstore"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
	"huisboek/projections/search"
)

var update = flag.Bool("update", false, "write what is made from the code, instead of comparing it")

// The parts of an OpenAPI document that a client needs to send its examples.
type (
	describedAPI struct {
		Servers []struct{ URL string }
		Paths   map[string]map[string]describedOperation
	}
	describedOperation struct {
		OperationID string
		Parameters  []struct {
			Name, In string
			Required bool
			Explode  *bool
			Examples map[string]struct{ Value any }
		}
		RequestBody struct {
			Content map[string]struct {
				Examples map[string]struct{ Value json.RawMessage }
			}
		}
		Responses map[string]struct {
			Content map[string]struct {
				Examples map[string]describedExample
			}
		}
	}
	describedExample struct {
		Value json.RawMessage
		Mark  struct {
			Place        int               `json:"volgorde"`
			Token        string            `json:"token"`
			Accept       string            `json:"accept"`
			Parameters   map[string]string `json:"parameters"`
			Media        string            `json:"contentType"`
			Body         string            `json:"inhoud"`
			Spaces       int               `json:"spaties"`
			Circumstance string            `json:"omstandigheid"`
		} `json:"x-voorbeeld"`
	}
)

// call is an example as a client that knows only the document reads it.
type call struct {
	key, operation, method, path, status, media string
	described                                   describedOperation
	describedExample
}

// calls are the examples of a document, in the order of their story.
func calls(t *testing.T, raw string) (list []call) {
	t.Helper()
	var doc describedAPI
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			for status, r := range op.Responses {
				for media, content := range r.Content {
					for key, e := range content.Examples {
						list = append(list, call{key, op.OperationID, strings.ToUpper(method), doc.Servers[0].URL + path, status, media, op, e})
					}
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b call) int { return a.Mark.Place - b.Mark.Place })
	return list
}

// request is what the example says to send.
func (c *call) request(t *testing.T, base string, tokens map[string]string) *http.Request {
	t.Helper()
	path, query, header := c.path, url.Values{}, http.Header{}
	for _, p := range c.described.Parameters {
		value, given := c.Mark.Parameters[p.Name]
		if e, ok := p.Examples[c.key]; ok {
			value, given = fmt.Sprint(e.Value), true
			if list, ok := e.Value.([]any); ok {
				var texts []string
				for _, one := range list {
					texts = append(texts, fmt.Sprint(one))
				}
				if value = strings.Join(texts, ","); p.Explode == nil || *p.Explode {
					query[p.Name] = texts
					continue
				}
			}
		}
		switch {
		case !given && p.Required:
			t.Fatalf("%s: no value for %s", c.key, p.Name)
		case !given:
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case p.In == "query":
			query.Set(p.Name, value)
		default:
			header.Set(p.Name, value)
		}
	}
	media, body := c.Mark.Media, []byte(c.Mark.Body)
	for m, content := range c.described.RequestBody.Content {
		if e, ok := content.Examples[c.key]; ok {
			media, body = m, e.Value
		}
	}
	body = append(body, bytes.Repeat([]byte(" "), c.Mark.Spaces)...)
	r, err := http.NewRequestWithContext(t.Context(), c.method, base+path+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	r.Header.Set("Accept", "application/json")
	if c.Mark.Accept != "" {
		r.Header.Set("Accept", c.Mark.Accept)
	}
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	if c.Mark.Token != "" {
		r.Header.Set("Authorization", "Bearer "+tokens[c.Mark.Token])
	}
	return r
}

// exampleEmployers are what can be found at the end of the story, and some more.
var exampleEmployers = []search.Entry{
	{
		Keys:  []string{"68750110", "voorlopig-d2a6c3b8-7e15-4f09-8b4c-6a1f9e3d5c72"},
		Names: []string{"Voorbeeld de bakker", "Bakkerij Voorbeeld"}, Place: "Zwolle", Gemeente: "GM0193", LastContact: "2025-03-04",
		Settled: []string{"69599084"},
	},
	{Keys: []string{"90004760"}, Names: []string{"Bakkerij Voorbeeld N.V."}, Place: "Zwolle", Gemeente: "GM0193"},
	{Keys: []string{"voorlopig-0f6b7c1f-52a4-4f55-8d1e-5b0d6f1e0a09"}, Names: []string{"Bakkerij Voorbeeldt"}, Place: "Zwolle"},
}

// exampleHouse is the book that the examples begin with: two partners take part.
func exampleHouse(t *testing.T) *house {
	h := &house{t: t, stream: new(ledgertest.Memory), index: search.New(), tokens: map[string]string{}, ids: map[string]string{}}
	h.day("2026-11-22")
	file := must[*boltstore.File](t)(boltstore.OpenFile(filepath.Join(t.TempDir(), "boek.db"), boltstore.Options{NoSync: true}))
	store := must[*boltstore.Store](t)(file.Store("boek", 1))
	h.ledger = must[*ledger.Ledger](t)(ledger.Open(t.Context(), ledger.Config{
		Region: book.Region, Book: book.ID, StewardOIN: stewardOIN, Secret: [ledger.SecretSize]byte{1},
		Stream: h.stream, Keys: new(ledgertest.MemoryKeys), Store: store, Now: h.now,
	}))
	t.Cleanup(func() { h.ledger.Close() })
	for _, p := range []*events.PartnerAdmitted{
		{Partner: partnerA, Identities: []string{oins[partnerA]}, Name: "Gemeente Voorbeeldstad", Kind: "gemeente", From: "2020-01-01"},
		{Partner: partnerB, Identities: []string{oins[partnerB]}, Name: "UWV Voorbeeldregio", Kind: "uwv", From: "2020-01-01"},
	} {
		h.record(steward, stewardSource, p)
	}
	for _, e := range exampleEmployers {
		h.index.Put(e)
	}
	h.openIntake()
	h.openViews()
	for alias, who := range map[string]string{"gemeente": "a", "uwv": "b", "regisseur": "steward", "bestuur": "board"} {
		h.tokens[alias], h.ids[alias] = h.tokens[who], h.ids[who]
	}
	return h
}

// storyDoor is a door on the house at which a position that is not there yet does
// not come: no need to see patience end.
func (h *house) storyDoor() *httptest.Server {
	server := httptest.NewServer(h.door(func(c *web.Config) {
		wait := c.Views.WaitFor
		c.Views.WaitFor = func(ctx context.Context, p events.Position) error {
			if p > h.ledger.Position() {
				return context.DeadlineExceeded
			}
			return wait(ctx, p)
		}
	}))
	h.t.Cleanup(server.Close)
	return server
}

// tell sends the examples in their order, as request makes each of them.
func (h *house) tell(list []call, request func(c *call) *http.Request, answered func(c *call, r reply)) {
	h.t.Helper()
	for i := range list {
		c := &list[i]
		if c.Mark.Place != i+1 {
			h.t.Fatalf("%s has place %d, want %d", c.key, c.Mark.Place, i+1)
		}
		if c.Mark.Circumstance == "tegoed-op" {
			h.spend(c.Mark.Token)
		}
		if c.Mark.Circumstance == "minuut-later" {
			at := h.now().Add(time.Minute)
			h.clock.Store(&at)
		}
		answered(c, h.send(request(c)))
	}
}

// spend uses up what a token may send.
func (h *house) spend(token string) {
	for n := 1000; n > 0; n /= 10 {
		for h.reports.Take(h.ids[token], n) == nil {
		}
	}
}

// TestExamples sends every example of the document, in its order, and wants the
// answer that the document says.
func TestExamples(t *testing.T) {
	h := exampleHouse(t)
	server := h.storyDoor()
	list := calls(t, h.get("", "/v1/openapi.json").body)
	h.tell(list, func(c *call) *http.Request { return c.request(t, server.URL, h.tokens) }, func(c *call, r reply) {
		if *update {
			writeAnswer(t, c.key, r.body)
			return
		}
		c.compare(t, r)
	})
	succeeded, refused := map[string]bool{}, map[string]bool{}
	for _, c := range list {
		succeeded[c.operation] = succeeded[c.operation] || c.status < "300"
		refused[c.operation] = refused[c.operation] || c.status >= "400"
	}
	for operation, ok := range succeeded {
		if !ok || !refused[operation] {
			t.Errorf("%s: no example that succeeds, or none that is refused", operation)
		}
	}
	if len(succeeded) < 8 {
		t.Errorf("examples of %v only", succeeded)
	}
}

// compare holds an answer against the one that the document says.
func (c *call) compare(t *testing.T, r reply) {
	t.Helper()
	if fmt.Sprint(r.status) != c.status || r.header.Get("Content-Type") != c.media {
		t.Errorf("%s: %d %s, the document says %s %s: %.600s", c.key, r.status, r.header.Get("Content-Type"), c.status, c.media, r.body)
		return
	}
	if diff := cmp.Diff(bodyOf(t, c.key, c.Value), bodyOf(t, c.key, []byte(r.body))); diff != "" {
		t.Errorf("%s: the document (-) and the answer (+) differ:\n%s", c.key, diff)
	}
}

// bodyOf is a body to compare: all of it but the ids of a credential and of a line in
// the log, which are others in every book.
func bodyOf(t *testing.T, key string, raw []byte) (body any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&body); err != nil && err != io.EOF {
		t.Fatalf("%s: %v in %.300s", key, err, raw)
	}
	var blank func(v any)
	blank = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, random := range []string{"toegang", "operation_id"} {
				if _, ok := v[random]; ok {
					v[random] = ""
				}
			}
			for _, inner := range v {
				blank(inner)
			}
		case []any:
			for _, inner := range v {
				blank(inner)
			}
		}
	}
	blank(body)
	return body
}

var (
	credential = regexp.MustCompile(`"toegang": "[^"]*"`)
	operation  = regexp.MustCompile(`"operation_id": "[^"]*"`)
)

func writeAnswer(t *testing.T, key, body string) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(body), "", "  "); err != nil {
		t.Fatalf("%s: %v in %q", key, err, body)
	}
	same := credential.ReplaceAll(bytes.TrimSpace(b.Bytes()), []byte(`"toegang": "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b0a03"`))
	same = operation.ReplaceAll(same, []byte(`"operation_id": "53995c3f42cd8ad8"`))
	if err := os.WriteFile(filepath.Join("examples", key+".json"), append(same, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
