package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// foreignAnswer is an answer as a program that is not ours saw it.
type foreignAnswer struct {
	Status int    `json:"status"` // of HTTP; 0 over NATS
	Type   string `json:"type"`
	Body   object `json:"body"`
}

// TestForeignClients: the CloudEvents SDK for JavaScript and the NATS client for
// Node, with nothing of ours but credentials and data, emit the same events over
// both doors in both modes: whichever way an event comes in, it is the same event
// and gets the same position; what is refused shows all that is wrong.
func TestForeignClients(t *testing.T) {
	needForeign(t)
	b := newBook(t)
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	approach := uuid.NewString()
	events := []object{
		p.event("bezoek-gepland", object{
			"kvkNummer": kvks[0], "benadering": approach, "datum": day(3), "doel": "vacature", "toelichting": "Koffie drinken met \"Zoë\" — 100 %",
			"accountmanager": manager("am-1", "Zoë Voorbeeld", "+31 38 1000101"),
		}),
		p.event("bezoek-afgelegd", object{"kvkNummer": kvks[0], "benadering": approach, "datum": day(0), "doel": "vacature", "vorm": "op-locatie", "uitkomst": []any{"vacature"}}),
		p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(-400), "aantal": 3}),
	}
	for _, e := range events { // the SDK would make one up, another in each program
		e["time"] = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	}
	events[2]["achteraf"] = true
	events[2]["kanaal"] = "de app" // an extension of the partner's own; the SDK does not percent-encode what would need it over HTTP

	overHTTP := emitForeign(t, b, p, "http.mjs", events)
	overNATS := emitForeign(t, b, p, "nats.mjs", events)
	before := uint64(2) // genesis and the partner
	for i, e := range events {
		for way, a := range overHTTP[i] {
			if want := map[string]int{"structured": 201, "binary": 200}[way]; a.Status != want {
				t.Errorf("%s over HTTP, %s: %d, want %d: %v", e["type"], way, a.Status, want, a.Body)
			}
		}
		for door, ways := range map[string]map[string]foreignAnswer{"HTTP": overHTTP[i], "NATS": overNATS[i]} {
			for way, a := range ways {
				if a.Type != "application/json" || a.Body["id"] != e["id"] || a.Body["positie"] != float64(before)+float64(i+1) || a.Body["oordeel"] != "vrij" {
					t.Errorf("%s over %s, %s: %+v, want position %d", e["type"], door, way, a, before+uint64(i+1))
				}
			}
		}
	}
	var lines []string
	for _, c := range b.employer(t, p.Token, kvks[0], before+uint64(len(events))).Contacts {
		lines = append(lines, c.line())
	}
	slices.Sort(lines)
	if want := []string{"bezoek-afgelegd " + day(0) + " afgelegd", "bezoek-gepland " + day(3) + " afgelegd", "dienst-geleverd " + day(-400) + " geleverd"}; !slices.Equal(lines, want) {
		t.Errorf("the book has %q, want %q", lines, want)
	}
	t.Run("Refused", func(t *testing.T) { refusedForeign(t, b, p) })
	t.Run("Batch", func(t *testing.T) { batchForeign(t, b, p, events) })
	if got, want := b.tip(t), before+uint64(len(events))+1; got != want { // one new in the batch
		t.Errorf("the book is at %d, want %d", got, want)
	}
}

// needForeign is needTool for Node with the packages of foreign/package-lock.json.
func needForeign(t *testing.T) {
	t.Helper()
	needTool(t, "node")
	for _, name := range []string{"cloudevents", "@nats-io/transport-node"} {
		if _, err := os.Stat(filepath.Join(foreign, "node_modules", name)); err != nil {
			t.Fatalf("HUISBOEK_TOOLS=1, but %v: run make deps", err)
		}
	}
}

// foreignProgram is a program of e2e/foreign with all that a partner gets.
func foreignProgram(b *book, p *partner, name string) *exec.Cmd {
	c := exec.Command("node", name)
	c.Dir = foreign
	c.Env = environment("HUISBOEK_URL="+b.url, "HUISBOEK_TOKEN="+p.Token, "HUISBOEK_NATS="+b.nats, "HUISBOEK_CREDS="+p.Creds)
	return c
}

// runForeign gives it the events and decodes what it prints.
func runForeign(t *testing.T, b *book, p *partner, name string, events []object, answer any) {
	t.Helper()
	c := foreignProgram(b, p, name)
	c.Stdin = bytes.NewReader(marshal(events))
	program := launch(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := program.await(ctx, func() bool { return false }); err != errEnded {
		t.Fatalf("%s: %v", name, err)
	}
	if code := program.cmd.ProcessState.ExitCode(); code != 0 {
		t.Fatalf("%s: exit %d\n%s", name, code, program.logged())
	}
	if err := json.Unmarshal([]byte(program.said()), answer); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, program.said())
	}
}

// emitForeign is each event's answers, by mode.
func emitForeign(t *testing.T, b *book, p *partner, name string, events []object) (answers []map[string]foreignAnswer) {
	t.Helper()
	if runForeign(t, b, p, name, events, &answers); len(answers) != len(events) {
		t.Fatalf("%s: %d answers to %d events", name, len(answers), len(events))
	}
	return answers
}

// refusedForeign: every way shows the same problem, with all faults.
func refusedForeign(t *testing.T, b *book, p *partner) {
	wrong := p.event("bezoek-gepland", object{"kvkNummer": "1", "datum": "2026-02-30", "doel": "koffie", "kleur": "rood", "accountmanager": manager("am-1", "Ada Voorbeeld", "+31 38 1000101")})
	want := []string{"/data/benadering ontbreekt", "/data/datum geen-datum", "/data/doel onbekende-waarde", "/data/kleur onbekend-veld", "/data/kvkNummer geen-kvk-nummer"}
	var first object
	for _, program := range []string{"http.mjs", "nats.mjs"} {
		for way, a := range emitForeign(t, b, p, program, []object{wrong})[0] {
			var problem answer
			if err := json.Unmarshal(marshal(a.Body), &problem); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(problem.faults(), want) || problem.Status != 400 || a.Type != "application/problem+json" || program == "http.mjs" && a.Status != 400 {
				t.Errorf("%s, %s: %+v, want the faults %q", program, way, a, want)
			}
			if first == nil {
				first = a.Body
			}
			if !reflect.DeepEqual(a.Body, first) {
				t.Errorf("%s, %s: %v, and another way %v", program, way, a.Body, first)
			}
		}
	}
}

// batchForeign: of a batch each event has its own result: known, new, refused.
func batchForeign(t *testing.T, b *book, p *partner, known []object) {
	fresh := p.event("bezoek-afgelegd", object{"kvkNummer": kvks[1], "datum": day(-1), "doel": "advies", "vorm": "video"})
	wrong := p.event("bezoek-verzet", object{"benadering": uuid.NewString(), "datum": day(9)})
	var a struct {
		foreignAnswer
		Body struct {
			Results []struct {
				Status  int     `json:"status"`
				Receipt *answer `json:"ontvangstbewijs"`
				Problem *answer `json:"probleem"`
			} `json:"resultaten"`
			Recorded int `json:"vastgelegd"`
			Again    int `json:"eerderGezien"`
			Refused  int `json:"geweigerd"`
		} `json:"body"`
	}
	runForeign(t, b, p, "batch.mjs", []object{known[0], fresh, wrong}, &a)
	r := a.Body.Results
	if a.Status != 200 || len(r) != 3 || a.Body.Recorded != 1 || a.Body.Again != 1 || a.Body.Refused != 1 {
		t.Fatalf("%+v", a)
	}
	if r[0].Status != 200 || r[0].Receipt == nil || r[0].Receipt.Position != 3 || r[0].Problem != nil {
		t.Errorf("the known event: %+v", r[0])
	}
	if r[1].Status != 201 || r[1].Receipt == nil || r[1].Receipt.ID != fresh["id"] || r[1].Receipt.Position != b.tip(t) {
		t.Errorf("the new event: %+v", r[1])
	}
	if r[2].Status != 400 || r[2].Receipt != nil || r[2].Problem == nil || !slices.Equal(r[2].Problem.faults(), []string{"/data/benadering onbekende-benadering"}) {
		t.Errorf("the wrong event: %+v", r[2])
	}
}

// TestForeignMessages: a partner that listens is told that another goes to an
// employer that it has an open plan for, and reads why over either door.
func TestForeignMessages(t *testing.T) {
	needForeign(t)
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	other := b.join(t, oinUWV, "UWV", "uwv")
	plan := func(who *partner, name string) object {
		return who.event("bezoek-gepland", object{"kvkNummer": kvks[0], "benadering": uuid.NewString(), "datum": day(3), "doel": "vacature", "accountmanager": manager("am-1", name, "+31 38 1000101")})
	}
	p.emit(t, plan(p, "Ada Voorbeeld"))
	listening := launch(t, foreignProgram(b, p, "messages.mjs"))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := listening.await(ctx, func() bool { return strings.Contains(listening.said(), "subscribed\n") }); err != nil {
		t.Fatal(err)
	}
	at := other.emit(t, plan(other, "Uma Voorbeeld")).Position
	if err := listening.await(ctx, func() bool { return strings.Count(listening.said(), "\n") > 1 }); err != nil {
		t.Fatal(err)
	}
	type messages struct {
		Messages []struct {
			ID      string      `json:"id"`
			Kind    string      `json:"soort"`
			Why     []reason    `json:"redenen"`
			Partner partnerName `json:"partner"`
			Manager *person     `json:"accountmanager"`
		} `json:"berichten"`
		Next string `json:"volgende"`
		More bool   `json:"meer"`
	}
	var said struct {
		Hint struct {
			Subject string `json:"subject"`
			Body    struct {
				Position uint64 `json:"positie"`
			} `json:"body"`
		} `json:"hint"`
		NATS messages `json:"nats"`
		HTTP messages `json:"http"`
	}
	_, line, _ := strings.Cut(listening.said(), "\n")
	if err := json.Unmarshal([]byte(line), &said); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if said.Hint.Subject != "berichten.nieuw" || said.Hint.Body.Position != at {
		t.Errorf("hint %+v, want one about position %d", said.Hint, at)
	}
	for door, got := range map[string]messages{"NATS": said.NATS, "HTTP": said.HTTP} {
		if len(got.Messages) != 1 || got.Next == "" || got.More {
			t.Errorf("over %s: %+v, want one message and where to go on", door, got)
			continue
		}
		if m := got.Messages[0]; m.ID != fmt.Sprint(at) || m.Kind != "ander-plan" || len(m.Why) != 1 || m.Why[0].Code != "open-plan" || m.Partner.Name != "UWV" || m.Manager == nil || m.Manager.Name != "Uma Voorbeeld" {
			t.Errorf("over %s: %+v", door, m)
		}
	}
}
