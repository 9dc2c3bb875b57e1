package events

import "testing"

// benchPlan is a plan of ordinary size, about 700 bytes.
var benchPlan = []byte(plan(`"datum"`, `"tijd":"10:00","duur":"PT1H","vorm":"op-locatie","doelgroepen":["DD02","DD05"],`+
	`"toelichting":"Nieuwe vestiging aan de rand van de stad; wil weten welke regelingen er zijn.","datum"`))

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(benchPlan)))
	for b.Loop() {
		if _, err := Decode(benchPlan, testNow); err != nil {
			b.Fatal(err)
		}
	}
}

// Decode makes the canonical form; this is the part of it.
func BenchmarkCanonical(b *testing.B) {
	t, err := parse(benchPlan)
	if err != nil {
		b.Fatal(err)
	}
	defer t.release()
	b.ReportAllocs()
	for b.Loop() {
		var spans []span
		t.canonical(make([]byte, 0, len(t.src)), 0, &spans)
	}
}

func BenchmarkWithSeals(b *testing.B) {
	e := mustDecode(b, benchPlan)
	seals := testSeals(e)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.WithSeals(seals); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeRecord(b *testing.B) {
	r := testRecord(b, mustDecode(b, benchPlan))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := EncodeRecord(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeRecord(b *testing.B) {
	stored, err := EncodeRecord(testRecord(b, mustDecode(b, benchPlan)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(stored)))
	for b.Loop() {
		if _, err := DecodeRecord(stored); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHasBSN(b *testing.B) {
	text := "Gesproken met de eigenaar op 22-11-2026, KvK 69599084, bel +31 38 421 50 00 of 06-12345678."
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		HasBSN(text)
	}
}
