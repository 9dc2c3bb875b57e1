package events

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// testNow is the clock of the tests.
var testNow = time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)

const testSource = "urn:nld:oin:00000099000000001000:systeem:crm"

// generator makes valid events from the shapes, so that a member that is added
// is in the tests from then on.
type generator struct {
	*rand.Rand
	all bool // every optional member
	few bool // no optional member
	nth int  // with all: which of the members that exclude each other is kept
}

func newGenerator(seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
}

// event is a valid event in structured mode, as a map.
func (g *generator) event(t Type) map[string]any {
	i := kindOf[t]
	data := g.object(shapes[i].shape)
	if _, employer := shapes[i].byName["kvkNummer"]; employer {
		g.choose(data, "kvkNummer", "buitenlands", "voorlopig")
	}
	if data["kvkNummer"] == nil {
		delete(data, "vestigingsnummer")
	}
	if _, optional := shapes[i].byName["periode"]; optional {
		g.choose(data, "datum", "periode")
	}
	if data["sbiCode"] == nil || data["sbiVersie"] == nil {
		delete(data, "sbiCode")
		delete(data, "sbiVersie")
	}
	if data["periode"] != nil {
		data["periode"] = map[string]any{"van": "2026-12-01", "tot": g.value(&valueRule{kind: kindString, name: "date late"})}
	}
	for _, other := range [][2]string{{"werkgever", "met"}, {"partner", "door"}} { // two that differ
		if a, b := data[other[0]], data[other[1]]; b != nil && reflect.DeepEqual(a, b) {
			data[other[1]] = g.another(b)
		}
	}
	if data["ingangsdatum"] != nil && data["einddatum"] != nil {
		data["einddatum"] = "2027-01-31"
	}
	if data["van"] != nil && data["tot"] != nil {
		data["tot"] = "2027-01-31"
	}
	switch t {
	case TypeAgreementSet:
		data["naam"] = "Afspraken 2027"
		g.agreement(data)
	case TypeTargetSet:
		g.target(data)
	case TypePlacementsMatched, TypePlacementsDistinct:
		data["met"] = map[string]any{"source": testSource, "id": "van-een-ander"}
	case TypeEmployersCounted:
		data["aantallen"] = once(data["aantallen"].([]any), "gemeentecode")
	}
	e := map[string]any{
		"specversion": "1.0", "id": fmt.Sprintf("m-%d", g.IntN(1e6)), "source": testSource,
		"type": string(t), "data": data,
	}
	optional := map[string]any{
		"time": "2026-11-22T10:30:00+01:00", "datacontenttype": "application/json", "achteraf": g.IntN(2) == 0,
		"dataschema": "https://example.org/schema", "sequence": "00012", "traceparent": "00-abc",
	}
	for name, v := range optional {
		if g.optional() {
			e[name] = v
		}
	}
	return e
}

// another is an employer or partner that was not drawn.
func (g *generator) another(one any) any {
	if _, employer := one.(map[string]any); employer {
		return map[string]any{"kvkNummer": "68750110"}
	}
	return "0193b2a4-7a77-7c5f-9d3a-000000000002"
}

// agreement makes what was drawn an agreement: each purpose and subregion once, and
// no plan that is valid for longer than an approach may last.
func (g *generator) agreement(terms map[string]any) {
	if list, ok := terms["storing"].([]any); ok {
		terms["storing"] = once(list, "doel")
	}
	if list, ok := terms["subregios"].([]any); ok {
		terms["subregios"] = once(list, "subregio")
		for _, s := range list {
			g.agreement(s.(map[string]any))
		}
	}
	for name, n := range map[string]int{"geldigheid": 1, "langsteDuur": 30} {
		if terms[name] != nil {
			terms[name] = n + g.IntN(30)
		}
	}
}

// target makes what was drawn a target: with what goes with what it counts, each
// partner once, and a path that leads to its number.
func (g *generator) target(data map[string]any) {
	data["naam"] = "Plaatsingen 2027"
	if g.all {
		data["maat"] = []string{MeasurePlacements, MeasureVisits, MeasureServices}[g.nth]
	}
	maat := data["maat"]
	placements := maat == MeasurePlacements || maat == MeasureJobs
	definition := data["definitie"].(map[string]any)
	drop := func(from map[string]any, names ...string) {
		for _, name := range names {
			delete(from, name)
		}
	}
	if !placements {
		drop(data, "doelgroepregister", "sector")
		drop(definition, "soorten", "urenMinstens", "dagenMinstens", "lopend")
	}
	if maat != MeasureServices {
		drop(definition, "diensten")
	}
	if maat != MeasureVisits && maat != MeasureReached {
		drop(definition, "doelen")
	}
	if maat == MeasureReached || maat == MeasureFilled {
		drop(data, "doelgroepen")
	}
	if list, ok := data["aandelen"].([]any); ok {
		data["aandelen"] = once(list, "partner")
	}
	if data["pad"] != nil {
		period := data["periode"].(map[string]any)
		points := []any{map[string]any{"datum": period["tot"], "aantal": data["aantal"]}}
		if period["van"] != period["tot"] {
			points = append([]any{map[string]any{"datum": period["van"], "aantal": 0}}, points...)
		}
		data["pad"] = points
	}
}

// once keeps the first of the objects that have the same value of a member.
func once(list []any, name string) (kept []any) {
	seen := make(map[any]bool)
	for _, v := range list {
		if key := v.(map[string]any)[name]; !seen[key] {
			seen[key] = true
			kept = append(kept, v)
		}
	}
	return kept
}

func (g *generator) optional() bool { return g.all || !g.few && g.IntN(2) == 0 }

// choose keeps one of the members that exclude each other.
func (g *generator) choose(data map[string]any, names ...string) {
	var there []string
	for _, name := range names {
		if data[name] != nil {
			there = append(there, name)
		}
	}
	if len(there) == 0 {
		switch names[0] {
		case "datum":
			data["datum"] = "2026-12-01"
		case "kvkNummer":
			data["kvkNummer"] = "69599084"
		}
		return
	}
	keep := there[min(g.nth, len(there)-1)]
	if !g.all {
		keep = there[g.IntN(len(there))]
	}
	for _, name := range there {
		if name != keep {
			delete(data, name)
		}
	}
}

func (g *generator) object(s *shape) map[string]any {
	o := make(map[string]any)
	for _, m := range s.members {
		if !m.required && !g.optional() {
			continue
		}
		o[m.name] = g.value(&m.value)
		if list, ok := samplesOf[m.name]; ok {
			o[m.name] = list[g.IntN(len(list))]
		}
	}
	return o
}

func (g *generator) value(r *valueRule) any {
	switch r.kind {
	case kindBool:
		return g.IntN(2) == 0
	case kindNumber:
		low, high := 1, 1000
		if r.min != nil {
			low = *r.min
		}
		if r.max != nil {
			high = *r.max
		}
		n := low + g.IntN(high-low)
		if r.decimals && g.IntN(2) == 0 {
			return float64(n) + 0.25
		}
		return n
	case kindObject:
		o := g.object(r.object)
		if _, employer := r.object.byName["voorlopig"]; employer {
			g.choose(o, "kvkNummer", "buitenlands", "voorlopig")
		}
		return o
	case kindList:
		n := 1 + g.IntN(3)
		list := []any{}
		for range n {
			v := g.value(r.elem)
			if s, ok := v.(string); ok && containsAny(list, s) {
				continue
			}
			if s, ok := v.(int); ok && containsAny(list, s) {
				continue
			}
			list = append(list, v)
		}
		return list
	}
	if r.enum != nil {
		return r.enum.values[g.IntN(len(r.enum.values))]
	}
	return g.text(r)
}

func containsAny[T comparable](list []any, v T) bool {
	for _, x := range list {
		if x == any(v) {
			return true
		}
	}
	return false
}

// samples are valid values of every format.
var samples = map[string][]string{
	"text":      {"Kennismaken", "Tweede gesprek;\ngoed verlopen.", "Café 't Höfke – 50% \"vol\" \\ €", "\u00e9e\u0301 😀 \u2028"},
	"label":     {"Voorbeeld BV", "Ä. Testpersoon", "Jansen & Zn. <1>", "M-0012"},
	"id":        {"m-1", "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "Ref 2026/12"},
	"uuid":      {"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d", "6f9619ff-8b86-4011-b42d-00cf4fc964ff"},
	"date":      {"2026-11-30", "2024-02-29", "2026-12-31"},
	"date late": {"2026-12-01", "2027-12-01"}, // up to a year from the first
	"time":      {"09:00", "23:59"},
	"duration":  {"PT45M", "PT1H", "PT1H30M", "PT24H"},
	"moment":    {"2026-11-22T10:30:00+01:00", "2026-11-22T09:30:00.123Z"},
	"phone":     {"038-4215000", "+31 6 12345678", "06 12 34 56 78", "(038) 421 50 00"},
	"email":     {"a@example.org", "anna.voorbeeld+x@gemeente.example"},
	"postcode":  {"8011AB", "1000AA"},
	"postcodes": {"8011", "8000-8049"},
	"gemeente":  {"GM0193", "GM0177"},
	"region":    {"AM36", "AM01"},
	"kvk":       {"69599084", "68727720", "90004760", "55344526"},
	"vestiging": {"000038509504", "000037178598"},
	"land":      {"DE", "BE"},
	"register":  {"HRB", "KBO"},
	"nummer":    {"12345", "0123.456-B"},
	"oin":       {"00000099000000001000"},
	"identity":  {"urn:nld:oin:00000099000000002000", "urn:nld:kvknr:68750110"},
	"source":    {testSource, "urn:nld:kvknr:68750110.planning", "urn:nld:kvknr:68750110"},
	"sbi":       {"78201", "0111", "62"},
}

// samplesOf are valid values of some members by name, where the format alone
// would give what nobody would write.
var samplesOf = map[string][]string{
	"medewerker": {"m-0012", "avoorbeeld"},
	"naam":       {"A. Voorbeeld", "Voorbeeld & Zn. <1> B.V.", "Ä. Testpersoon"},
	"plaats":     {"Zwolle", "'s-Hertogenbosch"},
	"functie":    {"eigenaar", "HR-adviseur"},
	"subregio":   {"Noord", "Zuid"},
	"besluit":    {"Regionaal beraad, 12 november 2026"},
	"bron":       {"CBS StatLine, 1 januari 2026"},
	"beroep":     {"Kok", "Medewerker groenvoorziening"},
	"source":     {testSource},
}

func (g *generator) text(r *valueRule) string {
	list := samples[r.name]
	if len(list) == 0 {
		panic("no samples of " + r.name)
	}
	return list[g.IntN(len(list))]
}

// marshal writes a map as JSON.
func marshal(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mustDecode decodes what must be right.
func mustDecode(t testing.TB, raw []byte) *Event {
	t.Helper()
	e, err := Decode(raw, testNow)
	if err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	return e
}

// testSeals are seals for every personal member of the event, made up from its
// path: their text only looks like a ciphertext.
func testSeals(e *Event) map[string]Seal {
	seals := make(map[string]Seal)
	for i, m := range e.PersonalMembers() {
		seals[m.Path] = Seal{KeyID(1000 + i), base64url.EncodeToString([]byte("zegel van " + m.Path))}
	}
	return seals
}

// testRecord is the record of an event, with fixed values around it.
func testRecord(t testing.TB, e *Event) *Record {
	t.Helper()
	sealed, err := e.WithSeals(testSeals(e))
	if err != nil {
		t.Fatal(err)
	}
	return &Record{
		Book:       "0193b2a4-0000-7000-8000-00000000b0ec",
		Position:   42,
		Previous:   HashOf([]byte("vorige")),
		At:         testNow.Add(123 * time.Millisecond),
		Partner:    "0193b2a4-0000-7000-8000-0000000000a1",
		Credential: "toegang-1",
		Door:       "nats",
		Mark:       HashOf([]byte("kenmerk")),
		Verdict: Verdict{
			Outcome: Attention, Reasons: []string{"ander-plan"}, Rules: 1, Today: "2026-11-22", RestsOn: []Position{7, 12},
		},
		Event: *sealed,
	}
}

// respell writes a value in another way that is the same content: other order,
// white space, escapes, and null members where they may be.
func (g *generator) respell(v any) string {
	space := func() string { return strings.Repeat(" ", g.IntN(2)) + strings.Repeat("\n\t", g.IntN(2)) }
	switch v := v.(type) {
	case map[string]any:
		var parts []string
		for name, x := range v {
			parts = append(parts, space()+g.escape(name)+space()+":"+space()+g.respell(x)+space())
		}
		g.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, x := range v {
			parts = append(parts, space()+g.respell(x)+space())
		}
		return "[" + space() + strings.Join(parts, ",") + "]"
	case string:
		return g.escape(v)
	case int:
		return fmt.Sprint(v)
	case float64:
		return fmt.Sprintf("%.2f", v)
	case nil:
		return "null"
	default:
		return fmt.Sprint(v)
	}
}

func (g *generator) escape(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r < 0x20 || r == '"' || r == '\\' || r < 0x10000 && g.IntN(4) == 0:
			fmt.Fprintf(&b, `\u%04X`, r)
		case r == '/' && g.IntN(2) == 0:
			b.WriteString(`\/`)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
