package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// account is the public key of a partner's NATS account, out of its credentials.
func account(t *testing.T, p *partner) string {
	t.Helper()
	_, rest, _ := strings.Cut(readText(t, p.Creds), "-----BEGIN NATS USER JWT-----\n")
	jwt, _, _ := strings.Cut(rest, "\n")
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		t.Fatalf("no JWT in %s", p.Creds)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(text, &claims); err != nil || !strings.HasPrefix(claims.Issuer, "A") {
		t.Fatalf("%v %s", err, text)
	}
	return claims.Issuer
}

// TestWhoMayConnect: without credentials of this book there is no connection, and
// a partner that left loses the one it has (promise 7).
func TestWhoMayConnect(t *testing.T) {
	b := newBook(t)
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	elsewhere := newBook(t).admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	for name, option := range map[string]nats.Option{
		"nobody": nats.Name("nobody"), "password": nats.UserInfo("admin", "admin"), "token": nats.Token(p.Token), "another book's": nats.UserCredentials(elsewhere.Creds),
	} {
		if nc, err := nats.Connect(b.nats, option, nats.NoReconnect()); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: %v, want refused", name, err)
			if err == nil {
				nc.Close()
			}
		}
	}
	closed := make(chan struct{})
	p.connect(t, b.server, nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	p.emit(t, p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)}))
	if status, _ := b.get(t, p.Token, "/v1/partners", nil); status != 200 {
		t.Errorf("a partner's token: %d", status)
	}
	cli(t, "partner", "remove", "--data", b.data, "Gemeente Zwolle").well(t, nil)
	select {
	case <-closed:
	case <-time.After(patience):
		t.Error("a partner that left keeps its connection")
	}
	if _, err := nats.Connect(b.nats, nats.UserCredentials(p.Creds), nats.NoReconnect()); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("a partner that left: %v, want refused", err)
	}
	if status, _ := b.get(t, p.Token, "/v1/partners", nil); status != 401 {
		t.Errorf("the token of a partner that left: %d, want 401", status)
	}
	b.restart(t)
	if _, err := nats.Connect(b.nats, nats.UserCredentials(p.Creds), nats.NoReconnect()); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("after a restart a partner that left: %v, want refused", err)
	}
}

// TestPartnerKeepsToItsOwn: with its credentials a partner can publish to nothing
// but melden and vragen.>, hear nothing but its own answers, and no header or
// reply subject of its choice reaches the stream (promise 7).
func TestPartnerKeepsToItsOwn(t *testing.T) {
	b := newBook(t)
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	other := b.join(t, oinUWV, "UWV", "uwv")
	refused := make(chan error, 1)
	p.connect(t, b.server, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	before := b.tip(t)
	event := marshal(p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)}))
	awaitRefusal := func(what string) {
		t.Helper()
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(patience):
			t.Errorf("%s: not refused", what)
		}
	}
	for _, subject := range []string{
		"huisboek.AM36.dienst-geleverd", "huisboek.AM36", "sleutels.AM36", "$JS.API.INFO", "$JS.API.STREAM.NAMES",
		"$JS.API.STREAM.INFO." + recordStream, "$JS.API.STREAM.PURGE." + recordStream, "$JS.API.STREAM.DELETE." + recordStream,
		"$JS.API.STREAM.UPDATE." + recordStream, "$JS.API.STREAM.MSG.DELETE." + keyStream, "$JS.API.STREAM.MSG.GET." + keyStream,
		"$JS.API.DIRECT.GET." + keyStream, "$JS.API.CONSUMER.CREATE." + recordStream, "$JS.ACK.x", "$SYS.REQ.USER.INFO", "$SYS.REQ.SERVER.PING",
		"in." + account(t, other) + ".melden", "in." + account(t, p) + ".melden", "melden." + account(t, other), "_R_.x", "_INBOX.x", "berichten.x",
	} {
		if err := p.nc.PublishRequest(subject, nats.NewInbox(), event); err != nil {
			t.Fatal(err)
		}
		awaitRefusal("publishing to " + subject)
	}
	for _, subject := range []string{">", "huisboek.>", "sleutels.>", "in.>", "$JS.>", "$SYS.>", "_R_.>", "*"} {
		if _, err := p.nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		awaitRefusal("subscribing to " + subject)
	}
	if after := b.tip(t); after != before {
		t.Errorf("the book moved from %d to %d", before, after)
	}
	p.connect(t, b.server)
	p.deputy(t, b)
	cli(t, "verify", "--data", b.data).well(t, nil)
}

// deputy tries to have the ledger or the server write for it.
func (p *partner) deputy(t *testing.T, b *book) {
	t.Helper()
	before := b.tip(t)
	m := structured(p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)}))
	for name, value := range map[string]string{
		"Nats-Msg-Id": "x", "Nats-Expected-Last-Sequence": "1", "Nats-Expected-Stream": "other", "Nats-Rollup": "all", "Nats-TTL": "1s",
		"Nats-Batch-Id": "b", "Nats-Batch-Sequence": "1", "Nats-Request-Info": `{"acc":"other"}`, "X-Partner": "other",
	} {
		m.Header.Set(name, value)
	}
	receipt(t, p.ask(t, m))
	for _, reply := range []string{"huisboek.AM36.dienst-geleverd", "sleutels.AM36", "$JS.API.STREAM.PURGE." + recordStream} {
		event := p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "voorlichting", "datum": day(0)})
		m := structured(event)
		m.Reply = reply
		if err := p.nc.PublishMsg(m); err != nil {
			t.Fatal(err)
		}
		p.emit(t, event) // the same again: it waits until the first is recorded, or is the first
	}
	if after := b.tip(t); after != before+4 {
		t.Errorf("four events moved the book from %d to %d", before, after)
	}
	for at, stored := range messages(t, b.data, recordStream) {
		if strings.Contains(string(stored), "X-Partner") || !strings.HasPrefix(string(stored), `{"v":1,`) {
			t.Errorf("position %d: %s", at, stored)
		}
	}
}

// TestNATSLimits: a message that is too large for an event is told so or refused
// by the client, and does not end the connection of others.
func TestNATSLimits(t *testing.T) {
	b := newBook(t)
	p := b.join(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	e := p.event("bezoek-afgelegd", object{"kvkNummer": kvks[0], "datum": day(0), "doel": "advies", "vorm": "video", "toelichting": strings.Repeat("x", 70<<10)})
	p.refused(t, e, 413, " te-groot")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	e["data"].(object)["toelichting"] = strings.Repeat("x", 200<<10)
	if _, err := p.request(ctx, structured(e)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("200 KiB: %v", err)
	}
	p.emit(t, p.event("bezoek-gepland", object{"kvkNummer": kvks[0], "benadering": uuid.NewString(), "datum": day(1), "doel": "advies", "accountmanager": manager("z1", "Zoë Voorbeeld", "038-1000103")}))
}

// TestTokens: who may read what over HTTP, in one table.
func TestTokens(t *testing.T) {
	b := newBook(t)
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	tokens := map[string]string{"nobody": "", "wrong": "hb_wrong", "partner": p.Token, "steward": b.steward}
	for _, role := range []string{"board", "auditor"} {
		var made struct{ Token string }
		cli(t, "access", "add", "--data", b.data, "--role", role, "--json").well(t, &made)
		tokens[role] = made.Token
	}
	employer, tallies := "/v1/werkgevers/"+kvks[0], "/v1/tellingen?meting=bezoeken"
	for _, tt := range []struct {
		who, path string
		status    int
	}{
		{"nobody", employer, 401}, {"wrong", employer, 401}, {"partner", employer, 200}, {"steward", employer, 200}, {"board", employer, 403}, {"auditor", employer, 403},
		{"nobody", tallies, 401}, {"partner", tallies, 200}, {"steward", tallies, 200}, {"board", tallies, 200},
		{"partner", "/metrics", 403}, {"nobody", "/metrics", 401}, {"steward", "/metrics", 200},
		{"nobody", "/livez", 200}, {"nobody", "/readyz", 200}, {"nobody", "/v1/openapi.json", 200},
	} {
		if status, body := b.get(t, tokens[tt.who], tt.path, nil); status != tt.status {
			t.Errorf("%s asks %s: %d, want %d: %.200s", tt.who, tt.path, status, tt.status, body)
		}
	}
	for _, path := range []string{"access.db", "book.db", "views.db", "book.secret", "book.json", "steward.token", "huisboek.sock"} {
		if info, err := os.Stat(b.data + "/" + path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v, want mode 0600", path, info.Mode(), err)
		}
	}
}
