package events

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

func TestDate(t *testing.T) {
	for s, want := range map[string]bool{
		"2026-11-22": true, "2024-02-29": true, "2000-02-29": true, "1900-01-01": true, "2199-12-31": true,
		"2026-02-29": false, "1900-02-29": false, "2100-02-29": false, "2026-13-01": false, "2026-00-01": false,
		"2026-04-31": false, "2026-11-00": false, "1899-12-31": false, "2200-01-01": false, "2026-1-01": false,
		"2026-11-22T": false, "": false, "22-11-2026": false, "2026/11/22": false, "２026-11-2": false,
	} {
		if _, err := ParseDate(s); (err == nil) != want {
			t.Errorf("%q: %v", s, err)
		}
	}
	// The same days as the standard library's calendar.
	for d := time.Date(1899, 12, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2201; d = d.AddDate(0, 0, 1) {
		if _, err := ParseDate(d.Format(dateLayout)); (err == nil) != (d.Year() >= 1900 && d.Year() < 2200) {
			t.Fatal(d)
		}
	}
	d := Date("2026-12-31")
	if d.AddDays(1) != "2027-01-01" || d.AddDays(-365) != "2025-12-31" || d.Month() != "2026-12" || Date("").Month() != "" ||
		!d.Before("2027-01-01") || !d.After("2026-12-30") || d.DaysUntil("2027-12-31") != 365 || Date("").AddDays(1) != "" {
		t.Error("arithmetic")
	}
}

// A day begins at midnight in Amsterdam, summer and winter.
func TestDateOf(t *testing.T) {
	for moment, want := range map[string]Date{
		"2026-11-22T22:59:59Z": "2026-11-22", "2026-11-22T23:00:00Z": "2026-11-23",
		"2026-07-01T21:59:59Z": "2026-07-01", "2026-07-01T22:00:00Z": "2026-07-02",
	} {
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil || DateOf(at) != want {
			t.Errorf("%s: %s", moment, DateOf(at))
		}
	}
}

func TestHundredths(t *testing.T) {
	for s, want := range map[string]Hundredths{
		"36.5": 3650, "36": 3600, "0.05": 5, "-1.25": -125, "9999999999999.99": 999999999999999,
	} {
		var h Hundredths
		if err := json.Unmarshal([]byte(s), &h); err != nil || h != want {
			t.Errorf("%s: %d %v", s, h, err)
		}
		if b, err := json.Marshal(h); err != nil || string(b) != s {
			t.Errorf("%d: %s %v", want, b, err)
		}
	}
	for _, s := range []string{"1.234", "1e2", `"1"`, "99999999999999", "null", "-"} {
		var h Hundredths
		if err := h.UnmarshalJSON([]byte(s)); err == nil {
			t.Errorf("%s was taken", s)
		}
	}
}

func TestHash(t *testing.T) {
	var zero Hash
	if !zero.IsZero() || zero.String() != "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" {
		t.Error(zero)
	}
	h := HashOf([]byte("x"))
	var back Hash
	if err := back.UnmarshalText([]byte(h.String())); err != nil || back != h || h.IsZero() {
		t.Error(err)
	}
	for _, s := range []string{"", h.String()[1:], h.String() + "=", h.String()[:42] + "+", h.String()[:42] + "B"} {
		if err := back.UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestPersonalInJSON(t *testing.T) {
	type both struct {
		A Personal[AccountManager] `json:"a,omitzero"`
		B Personal[string]         `json:"b,omitzero"`
		C Personal[string]         `json:"c,omitzero"`
	}
	v := both{A: Plainly(AccountManager{Employee: "m1", Name: "A"}), B: Personal[string]{Seal: &Seal{12, "abc"}}}
	want := `{"a":{"medewerker":"m1","naam":"A"},"b":{"sleutel":12,"zegel":"abc"}}`
	b1, err1 := json.Marshal(v)
	b2, err2 := jsonv2.Marshal(v)
	if err1 != nil || err2 != nil || string(b1) != want || string(b2) != want {
		t.Errorf("%s %v\n%s %v", b1, err1, b2, err2)
	}
	for _, unmarshal := range []func([]byte, any) error{json.Unmarshal, func(b []byte, v any) error { return jsonv2.Unmarshal(b, v) }} {
		var got both
		if err := unmarshal([]byte(want), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, got); diff != "" {
			t.Error(diff)
		}
		if err := unmarshal([]byte(`{"a":{"x":1}}`), &got); err == nil {
			t.Error("an unknown member was taken")
		}
	}
	if _, err := json.Marshal(Personal[string]{Plain: new(string), Seal: &Seal{}}); err == nil {
		t.Error("plain and sealed at once")
	}
}

func TestIdentityOf(t *testing.T) {
	for source, want := range map[string]string{
		"urn:nld:oin:00000099000000001000:systeem:crm":  "urn:nld:oin:00000099000000001000",
		"urn:nld:kvknr:68750110":                        "urn:nld:kvknr:68750110",
		"urn:nld:kvknr:68750110.planning":               "urn:nld:kvknr:68750110",
		"urn:nld:kvknr:68750110:systeem:plan-bord_2.0":  "urn:nld:kvknr:68750110",
		"urn:nld:oin:00000099000000001000":              "",
		"urn:nld:oin:00000099000000001000.crm":          "",
		"urn:nld:oin:00000099000000001000:systeem:":     "",
		"urn:nld:oin:00000099000000001000:systeem:a b":  "",
		"urn:nld:oin:00000099000000001000:systeem:-a":   "",
		"urn:nld:oin:0000009900000000100:systeem:crm":   "",
		"urn:nld:oin:000000990000000010000:systeem:crm": "",
		"urn:nld:kvknr:687501101":                       "",
		"urn:nld:kvknr:68750110.":                       "",
		"urn:nld:kvknr:6875011x":                        "",
		"URN:NLD:KVKNR:68750110":                        "",
		"":                                              "",
	} {
		if got, ok := IdentityOf(source); got != want || ok != (want != "") {
			t.Errorf("%q: %q", source, got)
		}
	}
}

func TestEmployerKey(t *testing.T) {
	for key, want := range map[string]Employer{
		"69599084": {KvK: "69599084"},
		"voorlopig-0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d": {Provisional: "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"},
		"DE-HRB-12345":      {Foreign: &Foreign{"DE", "HRB", "12345"}},
		"BE-KBO-0123.456-B": {Foreign: &Foreign{"BE", "KBO", "0123.456-B"}},
	} {
		got, err := ParseEmployerKey(key)
		if diff := cmp.Diff(want, got); err != nil || diff != "" || got.Key() != key {
			t.Errorf("%s: %v %s", key, err, diff)
		}
	}
	for _, key := range []string{"", "6959908", "voorlopig-", "voorlopig-x", "DE", "DE-HRB", "DE-HRB-", "de-HRB-1", "NL-KVK-1", "DE-H B-1", "DE-HRB-1/2"} {
		if _, err := ParseEmployerKey(key); err == nil {
			t.Errorf("%q was taken", key)
		}
	}
	if (Employer{}).Key() != "" || (Employer{}).Number() != "" {
		t.Error("a key of nothing")
	}
}

// What a format's check takes its pattern takes, so that nothing that Decode
// takes is refused by the schema; and most that the check refuses the pattern
// refuses.
func TestFormats(t *testing.T) {
	refused := map[string][]string{
		"label":     {" ", "a\nb", "\x00"},
		"id":        {"\t"},
		"uuid":      {"0193B2A4-7a77-7c5f-9d3a-1c1f5a1b2c3d", "0193b2a47a777c5f9d3a1c1f5a1b2c3d", "x193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"},
		"date":      {"2026-13-01", "26-01-01", "2026-1-1"},
		"time":      {"24:00", "9:00", "12:60", "12.00"},
		"duration":  {"PT", "1H", "PT1M30S", "P1D", "PT1H5", "PTM", "PTH", "PT123H"},
		"moment":    {"2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z", "2026-11-22t10:00:00z", "2026-11-22T10:00:00,5Z", "2026-11-22T1:00:00Z"},
		"phone":     {"12345", "06-1234567x", "+", "06-12345678 ", "00000000000000000000000"},
		"email":     {"a", "a@b", "@b.nl", "a@b.", "a b@c.nl", "a@b@c.nl"},
		"postcode":  {"8011 AB", "0011AB", "8011ab"},
		"postcodes": {"801", "8011AB", "8000-", "0800"},
		"gemeente":  {"0193", "GM193", "gm0193"},
		"region":    {"36", "AM3", "am36"},
		"kvk":       {"1234567", "123456789", "1234567a"},
		"vestiging": {"12345678901"},
		"land":      {"D", "de", "DEU"},
		"register":  {"", "H B", "H-B", "012345678901234567890123456789012"},
		"nummer":    {"-1", "1/2", "1 2"},
		"oin":       {"1"},
		"identity":  {"urn:nld:oin:1", testSource, "urn:nld:kvknr:68750110.x"},
		"source":    {"urn:nld:oin:00000099000000001000", "https://x"},
		"uri":       {"x", "a b:c"},
		"sbi":       {"7", "78.20", "1234567", "A"},
	}
	taken := map[string][]string{
		"duration": {"PT1M", "PT1440M", "PT24H", "PT0H5M"},
		"moment":   {"2026-11-22T10:00:00.123456789+01:00", "2026-12-31T23:59:59-23:59"},
		"phone":    {"123456", "+12345678901234567890", "14 0381"},
		"uri":      {"https://example.org/s?x#y", "urn:x:y"},
		"postcode": {"9999ZZ"},
	}
	for name, f := range formats {
		if f.pattern == "" {
			continue
		}
		pattern := regexp.MustCompile(f.pattern)
		ok := func(s string) bool { c, _ := stringFault(f, nil, s); return c == "" }
		for _, s := range append(taken[name], samples[name]...) {
			if !ok(s) || !pattern.MatchString(s) {
				t.Errorf("%s: %q: check %v, pattern %v", name, s, ok(s), pattern.MatchString(s))
			}
		}
		for _, s := range refused[name] {
			if ok(s) || pattern.MatchString(s) {
				t.Errorf("%s: %q: check %v, pattern %v", name, s, ok(s), pattern.MatchString(s))
			}
		}
	}
	for name, s := range map[string]string{"date": "2026-02-30", "duration": "PT24H1M", "postcode": "8011SS", "postcodes": "8049-8000", "moment": "2026-02-30T10:00:00Z"} {
		if c, _ := stringFault(formats[name], nil, s); c != formats[name].code {
			t.Errorf("%s: %q: %q", name, s, c)
		}
	}
}

func TestTypes(t *testing.T) {
	for _, typ := range Types() {
		if !typ.Known() || typ.New().Type() != typ || typ.Name() == "" || descriptions[typ.Name()] == "" {
			t.Error(typ)
		}
	}
	unknown := Type("nl.werkgeversdiensten.bezoek-gedroomd.v1")
	if unknown.Known() || unknown.New() != nil || unknown.Emitter() != ByLedger || Schema(unknown) != nil {
		t.Error("an unknown type is known")
	}
	if TypeVisitPlanned.Emitter() != ByPartner || TypePartnerAdmitted.Emitter() != BySteward || TypeDataErased.Emitter() != ByLedger ||
		TypeVacancyReported.Emitter() != ByPartner || TypePartnerSucceeded.Emitter() != BySteward || TypeEmployersLinked.Emitter() != ByEither || TypeEmployersUnlinked.Emitter() != ByEither ||
		TypeApproachExtended.Emitter() != ByPartner || TypeJointVisitConfirmed.Emitter() != ByPartner || TypeEmployerFollowed.Emitter() != ByPartner ||
		TypeEmployerUnfollowed.Emitter() != ByPartner || TypeAgreementSet.Emitter() != BySteward || TypeLevelSet.Emitter() != BySteward ||
		TypeEmployerSpared.Emitter() != BySteward || TypePlanRefused.Emitter() != ByLedger {
		t.Error("emitters")
	}
	if Values("doel")[0] != "acquisitie" || Values("niets") != nil {
		t.Error("values")
	}
}
