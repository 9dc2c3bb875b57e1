package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
)

// TestBrokenEvents: each kind of broken event gives exactly its own faults, with
// field, code and a sentence in two languages, and records nothing (promise 8).
// The table is the files of events/testdata/broken: NAME.json is what is sent,
// NAME.want.json the faults.
func TestBrokenEvents(t *testing.T) {
	wants, err := filepath.Glob("../events/testdata/broken/*.want.json")
	if err != nil || len(wants) < 30 {
		t.Fatalf("%d broken events, want 30 or more: %v", len(wants), err)
	}
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente") // who most of them say they are from
	before := b.tip(t)
	for _, want := range wants {
		name := strings.TrimSuffix(filepath.Base(want), ".want.json")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(strings.TrimSuffix(want, ".want.json") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			a := p.ask(t, &nats.Msg{Subject: "melden", Header: nats.Header{"content-type": {"application/cloudevents+json"}}, Data: raw})
			status := 400
			if name == "te-groot" {
				status = 413
			}
			if a.Status != status || a.Title == "" || a.Detail == "" || !strings.HasPrefix(a.Type, "tag:") {
				t.Errorf("problem %s", a.raw)
			}
			if over := p.post(t, b.server, raw); over != a.raw {
				t.Errorf("over HTTP %s, over NATS %s", over, a.raw)
			}
			var expected []fault
			if err := json.Unmarshal([]byte(readText(t, want)), &expected); err != nil {
				t.Fatal(err)
			}
			wantFaults := answer{Faults: expected}
			if diff := cmp.Diff(wantFaults.faults(), a.faults()); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			for _, f := range a.Faults {
				if f.Sentence["nl"] == "" || f.Sentence["en"] == "" {
					t.Errorf("%s %s says nothing: %v", f.Field, f.Code, f.Sentence)
				}
			}
			if strings.Contains(a.raw, "999990019") {
				t.Error("the answer echoes a number that may be a person's")
			}
		})
	}
	if after := b.tip(t); after != before {
		t.Errorf("broken events moved the book from %d to %d", before, after)
	}
}

// TestBrokenMessages: what is no CloudEvent message at all is refused as such.
func TestBrokenMessages(t *testing.T) {
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	good := p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)})
	before := b.tip(t)
	for _, tt := range []struct {
		name   string
		header nats.Header
		body   []byte
		status int
		faults []string
	}{
		{"Batch", nats.Header{"content-type": {"application/cloudevents-batch+json"}}, marshal([]any{good}), 415, nil},
		{"OtherType", nats.Header{"content-type": {"text/csv"}}, []byte("a;b"), 415, nil},
		{"HeaderTwice", nats.Header{"ce-id": {"1", "2"}, "content-type": {"application/json"}}, []byte("{}"), 400, nil},
		{"HeaderTwiceByCase", nats.Header{"ce-id": {"1"}, "CE-Id": {"2"}, "content-type": {"application/json"}}, []byte("{}"), 400, nil},
		{"BinaryWithoutAttributes", nats.Header{"ce-specversion": {"1.0"}, "content-type": {"application/json"}}, marshal(good["data"]), 400,
			[]string{"/id ontbreekt", "/source ontbreekt", "/type ontbreekt"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := p.ask(t, &nats.Msg{Subject: "melden", Header: tt.header, Data: tt.body})
			if a.Status != tt.status || tt.faults != nil && !slices.Equal(a.faults(), tt.faults) {
				t.Errorf("%s, want %d %q", a.raw, tt.status, tt.faults)
			}
		})
	}
	if after := b.tip(t); after != before {
		t.Errorf("broken messages moved the book from %d to %d", before, after)
	}
}

// post emits over HTTP, in structured form, and gives the answer as it came.
func (p *partner) post(t *testing.T, s *server, event []byte) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v1/gebeurtenissen", bytes.NewReader(event))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	req.Header.Set("Content-Type", "application/cloudevents+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}
