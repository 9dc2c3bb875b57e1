package events

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDecodeGivesTheEvent(t *testing.T) {
	raw := `{"specversion":"1.0","id":"plan-1","source":"` + testSource + `","type":"nl.werkgeversdiensten.bezoek-gepland.v1",
		"subject":"69599084","time":"2026-11-22T10:30:00+01:00","datacontenttype":"application/json; charset=UTF-8",
		"dataschema":"https://example.org/s","achteraf":true,"sequence":12,"flag":true,"data":{
		"kvkNummer":"69599084","vestigingsnummer":"000038509504","benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d",
		"periode":{"van":"2026-12-01","tot":"2026-12-05"},"doel":"acquisitie",
		"accountmanager":{"medewerker":"m12","naam":"A. Voorbeeld","telefoon":"+31 6 12345678","email":"a@example.org"},
		"tijd":"09:30","duur":"PT1H","vorm":"op-locatie","doelgroepen":["DD01","DD08"],
		"samenMet":["urn:nld:oin:00000099000000002000"],"opVerzoekVanWerkgever":true,
		"ondanks":{"reden":"Vraagt zelf"},"toelichting":"Kennis","vervangt":{"source":"` + testSource + `","id":"plan-0"}}}`
	got := mustDecode(t, []byte(raw))
	want := &Event{
		ID: "plan-1", Source: testSource, Type: TypeVisitPlanned, Subject: "69599084", Time: "2026-11-22T10:30:00+01:00",
		DataSchema: "https://example.org/s", ContentType: "application/json", Afterwards: true,
		Extensions: map[string]string{"sequence": "12", "flag": "true"},
		Data: &VisitPlanned{
			Employer: Employer{KvK: "69599084", Establishment: "000038509504"},
			Approach: "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d",
			Period:   &Period{"2026-12-01", "2026-12-05"}, Purpose: "acquisitie",
			AccountManager: Plainly(AccountManager{"m12", "A. Voorbeeld", "+31 6 12345678", "a@example.org"}),
			Time:           "09:30", Duration: "PT1H", Form: "op-locatie", TargetGroups: []string{"DD01", "DD08"},
			With: []string{"urn:nld:oin:00000099000000002000"}, AtRequest: true,
			Despite: &Despite{Plainly("Vraagt zelf")}, Note: Plainly("Kennis"), Replaces: &Ref{testSource, "plan-0"},
		},
	}
	got.canonical, got.spans = nil, nil
	if diff := cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Error(diff)
	}
}

// same and other content: the table of the trial behind docs/contract.md, "Same
// content", and what the contract adds to it.
func TestCanonicalTellsContentApart(t *testing.T) {
	event := func(attributes, data string) string {
		return `{"specversion":"1.0","id":"1","source":"` + testSource + `","type":"nl.werkgeversdiensten.plaatsing-gerealiseerd.v1"` + attributes +
			`,"data":{"kvkNummer":"69599084","plaatsing":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","ingangsdatum":"2026-11-01","soort":"bbl","arbeidsmarktregio":"AM36"` + data + `}}`
	}
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{"decimals", event("", `,"urenPerWeek":36.0`), event("", `,"urenPerWeek":36`), true},
		{"decimals, two", event("", `,"urenPerWeek":36.50`), event("", `,"urenPerWeek":36.5`), true},
		{"other decimals", event("", `,"urenPerWeek":36.51`), event("", `,"urenPerWeek":36.5`), false},
		{"null member", event("", `,"sector":null`), event("", ""), true},
		{"null attribute", event(`,"subject":null,"extra":null`, ""), event("", ""), true},
		{"false is not absent", event("", `,"doelgroepregister":false`), event("", ""), false},
		{"content type", event(`,"datacontenttype":"application/json"`, ""), event("", ""), true},
		{"content type with charset", event(`,"datacontenttype":"Application/JSON;charset=utf-8"`, ""), event("", ""), true},
		{"escapes", event(`,"extra":"caf\u00e9 \/ \ud83d\ude00 \u2028"`, ""), event(`,"extra":"café / 😀 `+"\u2028"+`"`, ""), true},
		{"escaped name", event("", `,"se\u0063tor":"markt"`), event("", `,"sector":"markt"`), true},
		{"NFC and NFD", event(`,"extra":"é"`, ""), event(`,"extra":"e`+"\u0301"+`"`, ""), false},
		{"spelling of a moment", event(`,"time":"2026-11-22T09:00:00Z"`, ""), event(`,"time":"2026-11-22T10:00:00+01:00"`, ""), false},
		{"fraction of a moment", event(`,"time":"2026-11-22T09:00:00Z"`, ""), event(`,"time":"2026-11-22T09:00:00.000Z"`, ""), false},
		{"extension as number", event(`,"extra":5`, ""), event(`,"extra":"5"`, ""), true},
		{"extension as boolean", event(`,"extra":true`, ""), event(`,"extra":"true"`, ""), true},
		{"achteraf", event(`,"achteraf":true`, ""), event("", ""), false},
		{"empty list is not absent", event("", `,"samenMet":[]`), event("", ""), false},
		{"order of a list", event("", `,"samenMet":["urn:nld:kvknr:68750110","urn:nld:kvknr:68727720"]`),
			event("", `,"samenMet":["urn:nld:kvknr:68727720","urn:nld:kvknr:68750110"]`), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := mustDecode(t, []byte(c.a)), mustDecode(t, []byte(c.b))
			if same := bytes.Equal(a.Canonical(), b.Canonical()); same != c.same {
				t.Errorf("same = %v, want %v\n%s\n%s", same, c.same, a.Canonical(), b.Canonical())
			}
		})
	}
}

// Everything that is said in another way is the same event, also in headers.
func TestSpellingDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		g := newGenerator(rapid.Uint64().Draw(r, "seed"))
		typ := rapid.SampledFrom(Types()).Draw(r, "type")
		m := g.event(typ)
		want, err := Decode(marshal(t, m), testNow)
		if err != nil {
			r.Fatalf("%v in %s", err, marshal(t, m))
		}
		again, err := Decode(want.Canonical(), testNow)
		if err != nil || !bytes.Equal(again.Canonical(), want.Canonical()) {
			r.Fatalf("decoding the canonical form: %v\n%s", err, want.Canonical())
		}
		value := jsontext.Value(want.Canonical()).Clone()
		if err := value.Canonicalize(jsontext.CanonicalizeRawInts(false)); err != nil || !bytes.Equal(value, want.Canonical()) {
			r.Fatalf("not as RFC 8785 has it: %v\n%s\n%s", err, value, want.Canonical())
		}
		data := m["data"].(map[string]any)
		for _, x := range shapes[kindOf[typ]].members {
			if _, there := data[x.name]; !there && g.IntN(2) == 0 {
				data[x.name] = nil
			}
		}
		other, err := Decode([]byte(g.respell(m)), testNow)
		if err != nil {
			r.Fatalf("respelled: %v", err)
		}
		if diff := cmp.Diff(want, other, cmp.AllowUnexported(Event{}, span{})); diff != "" {
			r.Fatal(diff)
		}
		headers, body := g.headers(m)
		binary, err := DecodeBinary(headers, "application/json", body, testNow)
		if err != nil {
			r.Fatalf("binary: %v", err)
		}
		if diff := cmp.Diff(want, binary, cmp.AllowUnexported(Event{}, span{})); diff != "" {
			r.Fatal(diff)
		}
	})
}

// headers writes an event in binary mode, percent-encoded as the HTTP binding
// asks, sometimes more than it asks.
func (g *generator) headers(m map[string]any) (map[string]string, []byte) {
	headers := make(map[string]string)
	for name, v := range m {
		if name == "data" || name == "datacontenttype" {
			continue
		}
		var b strings.Builder
		for _, c := range []byte(fmt.Sprint(v)) {
			if c <= 0x20 || c >= 0x7f || c == '"' || c == '%' || g.IntN(5) == 0 {
				fmt.Fprintf(&b, "%%%02X", c)
			} else {
				b.WriteByte(c)
			}
		}
		headers[name] = b.String()
		if g.IntN(4) == 0 {
			headers[name] = `"` + b.String() + `"`
		}
	}
	return headers, []byte(g.respell(m["data"]))
}

func TestDecodeBinaryFaults(t *testing.T) {
	good := func() map[string]string {
		return map[string]string{"specversion": "1.0", "id": "1", "source": testSource, "type": string(TypeVisitCalledOff)}
	}
	body := `{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"}`
	for _, c := range []struct {
		name, contentType, body string
		set                     map[string]string
		want                    string
	}{
		{"good", "", body, nil, ""},
		{"no body", "application/json", "", nil, "/data: ontbreekt"},
		{"body is no JSON", "application/json", `{"benadering":`, nil, "/data: ongeldige-json"},
		{"body closes the event", "", body + `,"x":{}`, nil, "/data: ongeldige-json"},
		{"body in another form", "text/plain", body, nil, "/datacontenttype: datacontenttype"},
		{"half a percent code", "", body, map[string]string{"id": "a%4"}, "/id: ongeldige-codering"},
		{"not UTF-8", "", body, map[string]string{"id": "a%ff"}, "/id: ongeldige-codering"},
		{"not UTF-8, raw", "", body, map[string]string{"extra": "\xff"}, "/extra: ongeldige-codering"},
		{"achteraf", "", body, map[string]string{"achteraf": "ja"}, "/achteraf: verkeerde-soort"},
		{"content type twice", "application/json", body, map[string]string{"datacontenttype": "application/json"}, "/datacontenttype: dubbel-veld"},
		{"data as a header", "", body, map[string]string{"data": "x"}, "/data: dubbel-veld; /data: verkeerde-soort"},
		{"a name in capitals", "", body, map[string]string{"Extra": "x"}, "/Extra: kenmerknaam"},
		{"a name in no language", "", body, map[string]string{"\xff": "x"}, ": kenmerknaam"},
	} {
		t.Run(c.name, func(t *testing.T) {
			attributes := good()
			for k, v := range c.set {
				attributes[k] = v
			}
			_, err := DecodeBinary(attributes, c.contentType, []byte(c.body), testNow)
			got := ""
			if err != nil {
				got = strings.TrimPrefix(err.Error(), "refused: ")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSizeLimit(t *testing.T) {
	event := func(pad int) []byte {
		return []byte(`{"specversion":"1.0","id":"1","source":"` + testSource + `","type":"` + string(TypeVisitCalledOff) +
			`","data":{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"}` + strings.Repeat(" ", pad) + `}`)
	}
	room := MaxSize - len(event(0))
	if _, err := Decode(event(room), testNow); err != nil {
		t.Errorf("%d bytes: %v", MaxSize, err)
	}
	if _, err := Decode(event(room+1), testNow); err == nil || err.Error() != "refused: : te-groot" {
		t.Errorf("%d bytes: %v", MaxSize+1, err)
	}
}

// The moment of logging may lie five minutes ahead, for clocks that differ.
func TestTimeAhead(t *testing.T) {
	for _, c := range []struct {
		ahead time.Duration
		ok    bool
	}{{-time.Hour, true}, {0, true}, {maxAhead, true}, {maxAhead + time.Second, false}, {24 * time.Hour, false}} {
		at := testNow.Add(c.ahead).In(amsterdam).Format(time.RFC3339)
		if _, err := Decode([]byte(attributes(`"data"`, `"time":"`+at+`","data"`)), testNow); (err == nil) != c.ok {
			t.Errorf("%v ahead: %v", c.ahead, err)
		}
	}
}

// One event gives the same faults in whatever order it is written.
func TestFaultsDoNotDependOnOrder(t *testing.T) {
	v, err := parsed([]byte(plan(`"datum"`, `"kleur":1,"tijd":"x","duur":"x","vorm":"x","datum"`, "69599084", "1")))
	if err != nil {
		t.Fatal(err)
	}
	g := newGenerator(1)
	_, want := Decode([]byte(g.respell(v)), testNow)
	for range 20 {
		if _, got := Decode([]byte(g.respell(v)), testNow); got.Error() != want.Error() {
			t.Fatalf("%v\n%v", got, want)
		}
	}
}

func TestFaultsAreCapped(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, `"onbekend%d":1,`, i)
	}
	raw := `{"specversion":"1.0","id":"1","source":"` + testSource + `","type":"` + string(TypeVisitCalledOff) + `","data":{` + b.String() + `"benadering":null}}`
	_, err := Decode([]byte(raw), testNow)
	if faults := err.(Faults); len(faults) != maxFaults {
		t.Errorf("%d faults", len(faults))
	}
}
