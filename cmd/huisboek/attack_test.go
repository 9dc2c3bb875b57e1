package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"huisboek/events"
)

// The attack table: what a hostile partner can try over NATS with valid
// credentials of its own, or a stranger with none. Of every row it holds that
// the streams and their settings are afterwards what they were, that nothing was
// said in another's name, and that the honest partner's next event is recorded
// and answered.

// row is one attack. It says how many events of its own P may have recorded by
// it; a function that do gives is called when the honest partner was answered.
type row struct {
	name    string
	records uint64
	do      func(t *testing.T, a *arena) (after func())
}

func TestAttacks(t *testing.T) {
	rows := slices.Concat(publishRows(), subscribeRows(), replyRows(), headerRows(), sayingRows(), connectRows(), wireRows())
	names := map[string]bool{}
	a := newArena(t, settings{})
	for _, r := range rows {
		if names[r.name] {
			t.Errorf("two rows are called %s", r.name)
		}
		names[r.name] = true
		t.Run(r.name, func(t *testing.T) { a.withstand(t, r) })
	}
	t.Logf("%d attacks", len(rows))
	if err := a.h.ledger.Err(); err != nil {
		t.Error(err)
	}
}

func (a *arena) withstand(t *testing.T, r row) {
	if err := a.honest.Flush(); err != nil {
		t.Fatal(err)
	}
	before, at := a.streams(t), a.h.ledger.Position()
	a.said(t)
	after := r.do(t, a)
	if now := a.h.ledger.Position(); now != at+events.Position(r.records) {
		t.Errorf("the book went from %d to %d, want %d more", at, now, r.records)
	}
	unchanged(t, before, a.streams(t), r.records)
	for _, subject := range a.said(t) {
		if own := "in." + a.keyP + "."; !strings.HasPrefix(subject, own) && !(r.records > 0 && strings.HasPrefix(subject, "huisboek.AM36.")) {
			t.Errorf("the ledger heard %s", subject)
		}
	}
	a.unhindered(t)
	if after != nil {
		after()
	}
}

// refusal waits for the server to say that something is not permitted.
func refusal(t *testing.T, refused <-chan error) {
	t.Helper()
	select {
	case err := <-refused:
		if !strings.Contains(strings.ToLower(err.Error()), "permissions violation") {
			t.Errorf("refused in another way: %v", err)
		}
	case <-time.After(patience / 4):
		t.Error("not refused")
	}
}

// silent sees that a connection heard nothing so far.
func silent(t *testing.T, nc *nats.Conn, sub *nats.Subscription) {
	t.Helper()
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	n, _, err := sub.Pending()
	if err != nil {
		return // the server ended it
	}
	for range n {
		switch m, err := sub.NextMsg(patience); {
		case errors.Is(err, nats.ErrNoResponders): // that nobody heard it
		case err != nil:
			t.Error(err)
		default:
			t.Errorf("heard on %s: %.200s", m.Subject, m.Data)
		}
	}
}

// publishRows publish where a partner has no business, asking for an answer.
func publishRows() (rows []row) {
	const records, keys = recordStream, recordStream + "_SLEUTELS"
	for subject, body := range map[string]string{
		"in.Q.melden": "", "in.Q.vragen.berichten": "", "in.P.melden": "", "in.*.melden": "", "in.>": "", ">": "", "*": "",
		"out.Q.berichten.nieuw": "", "out.P.berichten.nieuw": "", "berichten.nieuw": "", "huisboek.AM36.bezoek-gepland": "", "huisboek.>": "", "sleutels.AM36": "",
		"melden.Q": "", "_INBOX.honest.x": "", "_R_.x": "", "_GR_.x.y.z": "",

		"$JS.API.INFO":                                          "",
		"$JS.API.STREAM.CREATE.EVIL":                            `{"name":"EVIL","subjects":["in.>"],"storage":"memory"}`,
		"$JS.API.STREAM.UPDATE." + records:                      `{"name":"` + records + `","subjects":["huisboek.AM36.>"],"max_msgs":1}`,
		"$JS.API.STREAM.DELETE." + records:                      "",
		"$JS.API.STREAM.DELETE." + keys:                         "",
		"$JS.API.STREAM.PURGE." + records:                       "",
		"$JS.API.STREAM.PURGE." + keys:                          "",
		"$JS.API.STREAM.MSG.DELETE." + records:                  `{"seq":1}`,
		"$JS.API.STREAM.MSG.DELETE." + keys:                     `{"seq":1}`,
		"$JS.API.STREAM.MSG.GET." + records:                     `{"seq":1}`,
		"$JS.API.STREAM.MSG.GET." + keys:                        `{"seq":1}`,
		"$JS.API.STREAM.NAMES":                                  "",
		"$JS.API.STREAM.LIST":                                   "",
		"$JS.API.STREAM.INFO." + records:                        "",
		"$JS.API.STREAM.SNAPSHOT." + records:                    `{"deliver_subject":"_INBOX.buit.x"}`,
		"$JS.API.STREAM.RESTORE." + records:                     `{"config":{"name":"` + records + `"}}`,
		"$JS.API.STREAM.PEER.REMOVE." + records:                 `{"peer":"x"}`,
		"$JS.API.STREAM.PEER.EVACUATE." + records:               "",
		"$JS.API.STREAM.CANCEL_MOVE." + records:                 "",
		"$JS.API.STREAM.LEADER.STEPDOWN." + records:             "",
		"$JS.API.CONSUMER.CREATE." + records:                    `{"stream_name":"` + records + `","config":{"deliver_subject":"_INBOX.buit.x","ack_policy":"none"}}`,
		"$JS.API.CONSUMER.CREATE." + keys + ".EVIL":             `{"stream_name":"` + keys + `","config":{"name":"EVIL","deliver_subject":"_INBOX.buit.x","ack_policy":"none"}}`,
		"$JS.API.CONSUMER.DURABLE.CREATE." + records + ".EVIL":  `{"stream_name":"` + records + `","config":{"durable_name":"EVIL"}}`,
		"$JS.API.CONSUMER.MSG.NEXT." + records + ".EVIL":        "",
		"$JS.API.CONSUMER.NAMES." + records:                     "",
		"$JS.API.CONSUMER.LIST." + records:                      "",
		"$JS.API.CONSUMER.INFO." + records + ".EVIL":            "",
		"$JS.API.CONSUMER.DELETE." + records + ".EVIL":          "",
		"$JS.API.CONSUMER.PAUSE." + records + ".EVIL":           `{"pause_until":"2099-01-01T00:00:00Z"}`,
		"$JS.API.CONSUMER.RESET." + records + ".EVIL":           "",
		"$JS.API.CONSUMER.UNPIN." + records + ".EVIL":           "",
		"$JS.API.CONSUMER.LEADER.STEPDOWN." + records + ".EVIL": "",
		"$JS.API.DIRECT.GET." + records:                         `{"seq":1}`,
		"$JS.API.DIRECT.GET." + keys:                            `{"seq":1}`,
		"$JS.API.META.LEADER.STEPDOWN":                          "",
		"$JS.API.META.RESCUE":                                   "",
		"$JS.API.ACCOUNT.PURGE.Q":                               "",
		"$JS.API.ACCOUNT.STREAM.MOVE.Q." + records:              "",
		"$JS.API.SERVER.REMOVE":                                 `{"peer":"huisboek"}`,
		"$JS.huisboek.API.STREAM.DELETE." + records:             "",
		"$JS.ACK." + records + ".x.1.1.1.1.0":                   "+ACK",
		"$JS.FC." + records + ".x.y":                            "",
		"$JSC.R.x":                                              "", "$KV.x.y": "", "$O.x.C.y": "", "$SRV.PING": "", "$SRV.INFO": "", "$MQTT.msgs.x": "", "$MQTT.sess.x": "",
		"$SYS.REQ.SERVER.PING": "", "$SYS.REQ.SERVER.PING.CONNZ": "", "$SYS.REQ.ACCOUNT.PING.CONNZ": `{"limit":9223372036854775807,"offset":9223372036854775807}`,
		"$SYS.REQ.ACCOUNT.Q.CONNZ": "", "$SYS.REQ.USER.INFO": "", "$SYS.REQ.CLAIMS.UPDATE": "x", "$SYS.REQ.CLAIMS.DELETE": "x", "$SYS.REQ.ACCOUNT.Q.CLAIMS.UPDATE": "x",
		"$SYS.ACCOUNT.Q.DISCONNECT": "", "$SYS.REQ.SERVER.huisboek.RELOAD": "", "$SYS.REQ.SERVER.huisboek.KICK": "",
	} {
		rows = append(rows, row{name: "publish/" + subject, do: func(t *testing.T, a *arena) func() {
			nc, refused := a.hostile(t)
			booty, err := nc.SubscribeSync("_INBOX.buit.>")
			if err != nil {
				t.Fatal(err)
			}
			if err := nc.PublishRequest(a.names(subject), "_INBOX.buit.antwoord", []byte(body)); err != nil {
				t.Fatal(err)
			}
			refusal(t, refused)
			return func() { silent(t, nc, booty); nc.Close() }
		}})
	}
	return rows
}

// names puts the accounts' keys in the place of P and Q.
func (a *arena) names(subject string) string {
	tokens := strings.Split(subject, ".")
	for i, token := range tokens {
		switch token {
		case "P":
			tokens[i] = a.keyP
		case "Q":
			tokens[i] = a.keyQ
		}
	}
	return strings.Join(tokens, ".")
}

// subscribeRows listen while the honest partner is answered.
func subscribeRows() (rows []row) {
	for subject, allowed := range map[string]bool{
		">": false, "*": false, "*.>": false, "in.>": false, "in.*.>": false, "in.Q.melden": false, "in.Q.>": false, "in.P.>": false, "melden": false, "vragen.>": false,
		"out.>": false, "out.Q.berichten.>": false, "out.*.berichten.>": false, "huisboek.>": false, "sleutels.>": false, "_R_.>": false, "_GR_.>": false,
		"$JS.>": false, "$JS.API.>": false, "$JS.EVENT.ADVISORY.>": false, "$JS.ACK.>": false, "$SYS.>": false, "$SYS.ACCOUNT.Q.>": false, "$SRV.>": false, "$MQTT.>": false, "$KV.>": false,
		// These are P's own, and in P's account there is nothing of Q's.
		honestInbox + ".>": true, "_INBOX.>": true, "berichten.>": true,
	} {
		rows = append(rows, row{name: "subscribe/" + subject, do: func(t *testing.T, a *arena) func() {
			nc, refused := a.hostile(t)
			sub, err := nc.SubscribeSync(a.names(subject))
			if err != nil {
				t.Fatal(err)
			}
			if err := nc.Flush(); err != nil {
				t.Fatal(err)
			}
			if !allowed {
				refusal(t, refused)
			}
			queue, err := nc.QueueSubscribeSync(a.names(subject), "deur")
			if err != nil {
				t.Fatal(err)
			}
			if !allowed {
				refusal(t, refused)
			}
			return func() {
				a.h.door.Hint(a.keyQ, 1)
				a.until(t, "out."+a.keyQ)
				silent(t, nc, sub)
				silent(t, nc, queue)
				nc.Close()
			}
		}})
	}
	return rows
}

// replyRows let the door's answer go where P may not speak. The event is one that
// is known, so that there is a receipt to aim and nothing to record.
func replyRows() (rows []row) {
	for _, reply := range []string{
		"in.Q.melden", "in.Q.vragen.berichten", "in.P.melden", "melden", "vragen.werkgever.69599084", "huisboek.AM36.bezoek-gepland", "sleutels.AM36",
		"$JS.API.STREAM.DELETE." + recordStream, "$JS.API.STREAM.PURGE." + recordStream, "$JS.API.STREAM.MSG.DELETE." + recordStream,
		"$JS.ACK." + recordStream + ".x.1.1.1.1.0", "$SYS.REQ.CLAIMS.UPDATE", "_R_.x.y", "_GR_.x.y", honestInbox + ".x", "out.Q.berichten.nieuw", "berichten.nieuw", ">", "in.>",
	} {
		rows = append(rows, row{name: "reply/" + reply, do: func(t *testing.T, a *arena) func() {
			nc, _ := a.hostile(t)
			if err := nc.PublishRequest("melden", a.names(reply), a.known); err != nil {
				t.Fatal(err)
			}
			if err := nc.Flush(); err != nil { // a reply that is refused is never answered
				t.Fatal(err)
			}
			if !strings.Contains(reply, ">") && !strings.HasPrefix(reply, "_R_") && !strings.HasPrefix(reply, "_GR_") && !strings.HasPrefix(reply, "$JS.ACK") {
				a.until(t, "_R_.")
			}
			return nc.Close
		}})
	}
	return rows
}

// headerRows send a new event with headers that mean something to a stream, or
// that say who sent it. It is recorded, as P's, and as if there were none.
func headerRows() (rows []row) {
	for name, header := range map[string]nats.Header{
		"Nats-Rollup all":             {"Nats-Rollup": {"all"}},
		"Nats-Rollup sub":             {"Nats-Rollup": {"sub"}},
		"Nats-TTL":                    {"Nats-TTL": {"1s"}},
		"Nats-Schedule":               {"Nats-Schedule": {"@every 1s"}, "Nats-Schedule-Target": {"huisboek.AM36.x"}, "Nats-Schedule-TTL": {"1s"}},
		"Nats-Incr":                   {"Nats-Incr": {"+1"}},
		"Nats-Batch":                  {"Nats-Batch-Id": {"a"}, "Nats-Batch-Sequence": {"1"}},
		"Nats-Batch-Commit":           {"Nats-Batch-Id": {"a"}, "Nats-Batch-Sequence": {"1"}, "Nats-Batch-Commit": {"1"}},
		"Nats-Expected-Stream":        {"Nats-Expected-Stream": {"ANDERS"}},
		"Nats-Expected-Last-Sequence": {"Nats-Expected-Last-Sequence": {"0"}},
		"Nats-Expected-Last-Subject":  {"Nats-Expected-Last-Subject-Sequence": {"0"}, "Nats-Expected-Last-Subject-Sequence-Subject": {"huisboek.AM36.>"}},
		"Nats-Expected-Last-Msg-Id":   {"Nats-Expected-Last-Msg-Id": {"x"}},
		"Nats-Stream-Source":          {"Nats-Stream-Source": {"EVIL 1"}},
		"Nats-Required-Api-Level":     {"Nats-Required-Api-Level": {"99"}},
		"Nats-Marker-Reason":          {"Nats-Marker-Reason": {"Purge"}, "KV-Operation": {"PURGE"}},
		"traceparent":                 {"traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}},
		"Nats-Request-Info":           {"Nats-Request-Info": {`{"acc":"Q","user":"Q","svc":"Q"}`}},
		"Nats-Service-Latency":        {"Nats-Service-Latency": {"x"}, "Uber-Trace-Id": {"x"}},
		"Nats-Subject":                {"Nats-Subject": {"in.Q.melden"}, "Nats-Sequence": {"1"}, "Nats-Time-Stamp": {"2020-01-01T00:00:00Z"}},
		"identity of another":         {"partner": {"Q"}, "toegang": {"Q"}, "Authorization": {"Bearer x"}, "X-Forwarded-For": {"Q"}},
	} {
		rows = append(rows, row{name: "header/" + name, records: 1, do: func(t *testing.T, a *arena) func() {
			nc, _ := a.hostile(t)
			m := &nats.Msg{Subject: "melden", Data: a.event(t, sourceP), Header: header}
			answer, err := nc.RequestMsg(m, patience)
			if err != nil {
				t.Fatal(err)
			}
			var r toldOf
			if err := json.Unmarshal(answer.Data, &r); err != nil || r.Status != 0 {
				t.Fatalf("%s %v", answer.Data, err)
			}
			a.recordedAs(t, r.Position, a.p.Partner, sourceP)
			return nc.Close
		}})
	}
	// The server reports the way of a message to a subject that the message names.
	for _, only := range []string{"", "true"} {
		for _, to := range []string{"in.Q.melden", "huisboek.AM36.spoor", "$JS.API.STREAM.DELETE." + recordStream, honestInbox + ".x"} {
			rows = append(rows, row{name: "header/Nats-Trace-Dest " + to + " " + only, do: func(t *testing.T, a *arena) func() {
				nc, refused := a.hostile(t)
				m := &nats.Msg{Subject: "melden", Data: a.known, Header: nats.Header{"Nats-Trace-Dest": {a.names(to)}, "Nats-Trace-Only": {only}}}
				if err := nc.PublishMsg(m); err != nil {
					t.Fatal(err)
				}
				refusal(t, refused)
				return nc.Close
			}})
		}
	}
	// P takes the name that Q will give its next message.
	return append(rows, row{name: "header/Nats-Msg-Id of another's next event", records: 2, do: func(t *testing.T, a *arena) func() {
		nc, _ := a.hostile(t)
		id := nats.Header{"Nats-Msg-Id": {"de volgende"}}
		for _, said := range []struct {
			nc              *nats.Conn
			partner, source string
		}{{nc, a.p.Partner, sourceP}, {a.honest, a.q.Partner, sourceQ}} {
			answer, err := said.nc.RequestMsg(&nats.Msg{Subject: "melden", Data: a.event(t, said.source), Header: id}, patience)
			if err != nil {
				t.Fatal(err)
			}
			var r toldOf
			if err := json.Unmarshal(answer.Data, &r); err != nil || r.Status != 0 || r.Position != a.h.ledger.Position() {
				t.Fatalf("%s %v", answer.Data, err)
			}
			a.recordedAs(t, r.Position, said.partner, said.source)
		}
		a.said(t) // Q's event among it
		return nc.Close
	}})
}

// sayingRows say in the ordinary way what P may not say or ask.
func sayingRows() (rows []row) {
	ask := func(name, subject string, status int, header nats.Header, body func(t *testing.T, a *arena) []byte) {
		rows = append(rows, row{name: "say/" + name, do: func(t *testing.T, a *arena) func() {
			nc, _ := a.hostile(t)
			answer, err := nc.RequestMsg(&nats.Msg{Subject: subject, Data: body(t, a), Header: header}, patience)
			if err != nil {
				t.Fatal(err)
			}
			var r toldOf
			if err := json.Unmarshal(answer.Data, &r); err != nil || r.Status != status {
				t.Errorf("told %.300s %v, want %d", answer.Data, err, status)
			}
			return nc.Close
		}})
	}
	edit := func(from, to string) func(*testing.T, *arena) []byte {
		return func(t *testing.T, a *arena) []byte {
			e := string(a.event(t, sourceP))
			changed := strings.Replace(e, from, strings.NewReplacer("$Q", a.q.Partner).Replace(to), 1)
			if e == changed {
				t.Fatalf("no %s in %s", from, e)
			}
			return []byte(changed)
		}
	}
	by := func(source string, data func(a *arena) events.Data) func(*testing.T, *arena) []byte {
		return func(t *testing.T, a *arena) []byte {
			e, err := events.NewEvent(source, fmt.Sprint("x", time.Now().UnixNano()), time.Now(), data(a))
			if err != nil {
				t.Fatal(err)
			}
			return e.Canonical()
		}
	}
	ask("another's source", "melden", 403, nil, func(t *testing.T, a *arena) []byte { return a.event(t, sourceQ) })
	ask("the steward's source", "melden", 403, nil, func(t *testing.T, a *arena) []byte {
		return a.event(t, "urn:nld:oin:"+a.h.ledger.StewardOIN()+":systeem:huisboek")
	})
	ask("another's source that was recorded", "melden", 403, nil, func(t *testing.T, a *arena) []byte { return plan(t, sourceQ, a.planQ) })
	ask("ce-source of another", "melden", 403, nats.Header{
		"ce-specversion": {"1.0"}, "ce-type": {"nl.werkgeversdiensten.bezoek-afgelegd.v1"}, "ce-source": {sourceQ}, "ce-id": {"x1"}, "content-type": {"application/json"},
	}, func(*testing.T, *arena) []byte {
		return []byte(`{"kvkNummer":"69599084","datum":"2026-01-05","doel":"overig","vorm":"video","accountmanager":{"medewerker":"m1","naam":"Proef"}}`)
	})
	ask("member partner within data", "melden", 400, nil, edit(`"doel":`, `"partner":"$Q","doel":`))
	ask("source twice", "melden", 400, nil, edit(`"source":`, `"source":"`+sourceQ+`","source":`))
	ask("another content under a known id", "melden", 409, nil, func(t *testing.T, a *arena) []byte {
		return []byte(strings.Replace(string(a.known), "kennismaking", "overig", 1))
	})
	ask("admits itself again", "melden", 403, nil, by(sourceP, func(a *arena) events.Data {
		return &events.PartnerAdmitted{Partner: a.p.Partner, Identities: []string{"urn:nld:oin:" + oinQ}, Name: "Q", Kind: "sw", From: "2026-01-01"}
	}))
	ask("sends another away", "melden", 403, nil, by(sourceP, func(a *arena) events.Data {
		return &events.PartnerDeparted{Partner: a.q.Partner, From: "2026-01-01"}
	}))
	aim := func(*arena) events.Data {
		return &events.TargetSet{
			Target: uuid.NewString(), Name: "Eigen doel", Period: &events.Period{From: "2026-01-01", To: "2026-12-31"}, Measure: events.MeasureVisits, Number: 1,
		}
	}
	ask("sets a target", "melden", 403, nil, by(sourceP, aim))
	ask("drops a target", "melden", 403, nil, by(sourceP, func(*arena) events.Data { return &events.TargetDropped{Target: uuid.NewString()} }))
	ask("sets a target as the region", "melden", 403, nil, func(t *testing.T, a *arena) []byte {
		return by("urn:nld:oin:"+a.h.ledger.StewardOIN()+":systeem:bestuur", aim)(t, a)
	})
	ask("counts the employers", "melden", 403, nil, by(sourceP, func(*arena) events.Data {
		return &events.EmployersCounted{From: "2026-01-01", Origin: "zelf geteld", Counts: []events.EmployerCount{{Gemeente: "GM0193", Count: 1}}}
	}))
	ask("says that placements it did not report are the same", "melden", 400, nil, by(sourceP, func(*arena) events.Data {
		return &events.PlacementsMatched{Placement: &events.Ref{Source: sourceQ, ID: "p-1"}, With: &events.Ref{Source: sourceQ, ID: "p-2"}}
	}))
	ask("too large an event", "melden", 413, nil, func(*testing.T, *arena) []byte { return []byte(strings.Repeat(" ", events.MaxSize+1)) })
	ask("brackets without end", "melden", 400, nil, func(*testing.T, *arena) []byte { return []byte(strings.Repeat("[", 60_000)) })
	ask("bytes that are no text", "melden", 400, nil, func(*testing.T, *arena) []byte { return []byte{0xff, 0, '\r', '\n'} })
	ask("messages of a partner that is named", "vragen.berichten", 400, nil, func(_ *testing.T, a *arena) []byte { return []byte(`{"partner":"` + a.q.Partner + `"}`) })
	ask("a question about everybody", "vragen.werkgever.*", 400, nil, func(*testing.T, *arena) []byte { return nil })

	// To CloudEvents these are extensions: words of P's own, like any other.
	for _, member := range []string{"partner", "toegang", "credential", "deur"} {
		rows = append(rows, row{name: "say/attribute " + member, records: 1, do: func(t *testing.T, a *arena) func() {
			nc, _ := a.hostile(t)
			r, err := tell(nc, edit(`"specversion"`, `"`+member+`":"$Q","specversion"`)(t, a))
			if err != nil || r.Status != 0 {
				t.Fatalf("%+v %v", r, err)
			}
			a.recordedAs(t, r.Position, a.p.Partner, sourceP)
			return nc.Close
		}})
	}
	rows = append(rows, row{name: "say/messages of another", do: func(t *testing.T, a *arena) func() {
		nc, _ := a.hostile(t)
		if err := a.h.waitForViews(t.Context()); err != nil {
			t.Fatal(err)
		}
		count := func(nc *nats.Conn) int {
			m, err := nc.Request("vragen.berichten", nil, patience)
			if err != nil {
				t.Fatal(err)
			}
			var r struct {
				Messages []json.RawMessage `json:"berichten"`
			}
			if err := json.Unmarshal(m.Data, &r); err != nil {
				t.Fatalf("%s %v", m.Data, err)
			}
			return len(r.Messages)
		}
		if n := count(nc); n != 0 {
			t.Errorf("P reads %d messages", n)
		}
		if n := count(a.honest); n != 1 {
			t.Errorf("Q has %d messages, want one: the row shows nothing", n)
		}
		a.said(t) // Q's question among it
		return nc.Close
	}}, row{name: "say/a question that nobody answers", do: func(t *testing.T, a *arena) func() {
		nc, _ := a.hostile(t)
		if m, err := nc.Request("vragen.sleutels", nil, 200*time.Millisecond); err == nil {
			t.Errorf("answered %s", m.Data)
		}
		return nc.Close
	}})
	return rows
}
