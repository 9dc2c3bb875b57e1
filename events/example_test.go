package events_test

import (
	"fmt"
	"time"

	"huisboek/events"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func ExampleDecode() {
	e, err := events.Decode([]byte(`{
		"specversion": "1.0", "id": "bezoek-17",
		"source": "urn:nld:oin:00000099000000001000:systeem:crm",
		"type": "nl.werkgeversdiensten.bezoek-afgelegd.v1",
		"data": {"kvkNummer": "69599084", "datum": "2026-11-20", "doel": "vacature", "vorm": "op-locatie"}
	}`), now)
	if err != nil {
		fmt.Println(err)
		return
	}
	visit := e.Data.(*events.VisitMade)
	fmt.Println(e.Type.Name(), visit.KvK, visit.Date)
	// Output: bezoek-afgelegd 69599084 2026-11-20
}

func ExampleDecode_faults() {
	_, err := events.Decode([]byte(`{
		"specversion": "1.0", "id": "bezoek-18",
		"source": "urn:nld:oin:00000099000000001000:systeem:crm",
		"type": "nl.werkgeversdiensten.bezoek-afgelegd.v1",
		"data": {"kvkNummer": "6959908", "datum": "20-11-2026", "doel": "vacature"}
	}`), now)
	for _, f := range err.(events.Faults) {
		fmt.Println(f.Field, f.Code)
	}
	// Output:
	// /data/datum geen-datum
	// /data/kvkNummer geen-kvk-nummer
	// /data/vorm ontbreekt
}

func ExampleDecodeBinary() {
	e, err := events.DecodeBinary(map[string]string{
		"specversion": "1.0", "id": "afgezegd%201", "source": "urn:nld:oin:00000099000000001000:systeem:crm",
		"type": "nl.werkgeversdiensten.bezoek-afgezegd.v1",
	}, "application/json", []byte(`{"benadering": "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"}`), now)
	fmt.Println(e.ID, err)
	// Output: afgezegd 1 <nil>
}

func ExampleNewEvent() {
	e, err := events.NewEvent("urn:nld:oin:00000099000000009000:systeem:huisboek", "1", now,
		&events.PartnerDeparted{Partner: "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d", From: "2027-01-01"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", e.Canonical())
	// Output: {"data":{"partner":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","per":"2027-01-01"},"id":"1","source":"urn:nld:oin:00000099000000009000:systeem:huisboek","specversion":"1.0","time":"2026-11-22T10:00:00.000Z","type":"nl.werkgeversdiensten.partner-vertrokken.v1"}
}

func ExampleHasBSN() {
	_, found := events.HasBSN("Gesproken met de eigenaar, KvK 69599084, bel +31 38 421 50 00.")
	fmt.Println(found)
	_, found = events.HasBSN("Kandidaat met nummer 9999-90-019 besproken.")
	fmt.Println(found)
	// Output:
	// false
	// true
}
