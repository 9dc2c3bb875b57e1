package intake_test

import (
	"net/http"
	"slices"
	"testing"

	"huisboek/adapters/intake"
	"huisboek/ledger"
)

// The ways to say one and the same event.
func TestOneEventInEveryMode(t *testing.T) {
	h := newHouse(t, nil)
	first, err := h.desk.Report(t.Context(), h.caller, header{"content-type": {intake.Structured}}, []byte(event("een", "")))
	if err != nil || first.Again {
		t.Fatal(first, err)
	}
	at := h.ledger.Position()
	for _, c := range []struct {
		name   string
		header header
		data   string
	}{
		{"no headers", nil, event("een", "")},
		{"empty content type", header{"content-type": {""}}, event("een", "")},
		{"no value of the content type", header{"content-type": {}}, event("een", "")},
		{"structured in capitals", header{"Content-Type": {"Application/CloudEvents+JSON; charset=UTF-8"}}, event("een", "")},
		{"plain JSON", header{"content-type": {"application/json"}}, event("een", "")},
		{"structured wins from ce- headers", with(binary("ander"), header{"content-type": {intake.Structured}}), event("een", "")},
		{"binary", binary("een"), visit("")},
		{"binary in capitals", header{
			"CE-SpecVersion": {"1.0"}, "Ce-Type": {"nl.werkgeversdiensten.bezoek-afgelegd.v1"}, "ce-SOURCE": {source}, "ce-Id": {"een"},
			"CONTENT-TYPE": {"application/json; charset=utf-8"},
		}, visit("")},
		{"binary as net/http has it", header{
			"Ce-Specversion": {"1.0"}, "Ce-Type": {"nl.werkgeversdiensten.bezoek-afgelegd.v1"}, "Ce-Source": {source}, "Ce-Id": {"een"},
			"Content-Type": {"application/json"}, "Authorization": {"Bearer x", "Bearer y"}, "X-Forwarded-For": {"a", "b"},
		}, visit("")},
		{"binary, percent-encoded", binary("%65en"), visit("")},
		{"binary without a content type", func() header { b := binary("een"); delete(b, "content-type"); return b }(), visit("")},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := h.desk.Report(t.Context(), h.caller, c.header, []byte(c.data))
			if err != nil || !r.Again || r.Position != first.Position {
				t.Errorf("got %+v %v, want position %d again", r, err, first.Position)
			}
			tried, err := h.desk.Try(t.Context(), h.caller, c.header, []byte(c.data))
			if err != nil || !tried.Again || tried.Position != 0 {
				t.Errorf("tried: %+v %v", tried, err)
			}
		})
	}
	if p := h.ledger.Position(); p != at {
		t.Errorf("the book is at %d", p)
	}
}

func TestRefused(t *testing.T) {
	h := newHouse(t, nil)
	before := h.ledger.Position()
	twice := binary("een")
	twice["Ce-Id"], twice["CE-SOURCE"], twice["Content-Type"] = []string{"twee"}, []string{"x"}, []string{"application/json"}
	for _, c := range []struct {
		name   string
		header header
		data   string
		status int
		faults []string
	}{
		{"nothing", nil, "", 400, []string{" ongeldige-json"}},
		{"a batch", header{"content-type": {intake.Batch}}, "[" + event("een", "") + "]", 415, nil},
		{"a batch with ce- headers", with(binary("een"), header{"content-type": {intake.Batch}}), "[]", 415, nil},
		{"another format", with(binary("een"), header{"content-type": {"application/cloudevents+avro"}}), "x", 415, nil},
		{"text", header{"content-type": {"text/plain"}}, event("een", ""), 415, nil},
		{"a content type that is none", header{"content-type": {"application/json; ="}}, event("een", ""), 415, nil},
		{"binary text", with(binary("een"), header{"content-type": {"text/plain"}}), visit(""), 400, []string{"/datacontenttype datacontenttype"}},
		{"twice, in two spellings: all of them", twice, visit(""), 400, []string{" dubbel-veld", "/id dubbel-veld", "/source dubbel-veld"}},
		{"an attribute twice", with(binary("een"), header{"ce-id": {"een", "een"}}), visit(""), 400, []string{"/id dubbel-veld"}},
		{"an attribute three times", with(with(binary("een"), header{"ce-id": {"een", "een"}}), header{"CE-ID": {"x"}}), visit(""), 400, []string{"/id dubbel-veld"}},
		{"content type twice", header{"content-type": {intake.Structured, intake.Structured}}, event("een", ""), 400, []string{" dubbel-veld"}},
		{"a number of a person as a header's name, twice", with(binary("een"), header{"ce-111222333": {"a", "b"}}), visit(""), 400, []string{" dubbel-veld"}},
		{"an attribute that has no name", with(binary("een"), header{"ce-": {"x"}}), visit(""), 400, []string{" kenmerknaam"}},
		{"no attributes but one", header{"ce-id": {"een"}}, visit(""), 400, []string{"/source ontbreekt", "/specversion ontbreekt", "/type ontbreekt"}},
		{"too large", nil, event("een", `,"x":"`+string(make([]byte, 65<<10))+`"`), 413, []string{" te-groot"}},
		{"not one's own source", nil, eventOf("urn:nld:oin:"+otherOIN+":systeem:crm", "bezoek-afgelegd", "een", visit("")), 403, []string{"/source source-niet-van-u"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := h.desk.Report(t.Context(), h.caller, c.header, []byte(c.data))
			_, tried := h.desk.Try(t.Context(), h.caller, c.header, []byte(c.data))
			for _, err := range []error{err, tried} {
				p := ledger.ProblemOf(err)
				if got := faultsOf(t, p); p.Status != c.status || !slices.Equal(got, c.faults) {
					t.Errorf("got %d %v (%s), want %d %v", p.Status, got, p.Detail, c.status, c.faults)
				}
			}
		})
	}
	if p := h.ledger.Position(); p != before {
		t.Errorf("the book is at %d: something was recorded", p)
	}
}

// faultsOf are the fields and codes of a problem, in order; each says something.
func faultsOf(t *testing.T, p ledger.Problem) (got []string) {
	t.Helper()
	for _, f := range p.Faults {
		got = append(got, f.Field+" "+f.Code)
		if f.Sentence.NL == "" || f.Sentence.EN == "" {
			t.Errorf("fault %s says nothing", f.Code)
		}
	}
	slices.Sort(got)
	return got
}

func TestIsBatch(t *testing.T) {
	for _, c := range []struct {
		header header
		want   bool
	}{
		{nil, false},
		{header{"content-type": {intake.Batch}}, true},
		{header{"Content-Type": {"Application/CloudEvents-Batch+JSON; charset=utf-8"}}, true},
		{header{"Content-Type": {intake.Structured}}, false},
		{header{"Content-Type": {intake.Batch, intake.Batch}}, false}, // refused by Report
		{header{"Content-Type": {intake.Batch + "; ="}}, false},
		{http.Header{"Content-Type": {intake.Batch}, "Ce-Id": {"een"}}, true},
	} {
		if got := intake.IsBatch(c.header); got != c.want {
			t.Errorf("%v: %v", c.header, got)
		}
	}
}
