package natsdoor_test

import (
	"bytes"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsdoor"
)

// FuzzMessage: whatever comes over the wire to whichever subject, there is one
// answer, a receipt or a problem that was foreseen; the same twice gets the same;
// and what was refused is not in the book. Each pair of lines of headers is a name
// and a value.
func FuzzMessage(f *testing.F) {
	h := start(f, func(c *natsdoor.Config) { c.Messages = noMessages })
	head := "ce-specversion\n1.0\nce-type\nnl.werkgeversdiensten.bezoek-afgelegd.v1\nce-source\n" + source + "\nce-id\neen\ncontent-type\napplication/json"
	f.Add(byte(0), "", []byte(event("een", "")))
	f.Add(byte(0), head, []byte(visit("")))
	f.Add(byte(0), head+"\nCE-ID\ntwee\nNats-Msg-Id\nx\nNats-TTL\n1s", []byte(visit("")))
	f.Add(byte(0), "ce-\n%ff\nContent-Type\ntext/html", []byte("\xff"))
	f.Add(byte(1), "", []byte(`{"na":"5","aantal":7}`))
	f.Add(byte(1), "x\ny", []byte(`{"na":1,"na":2,"x":[]}`))
	f.Add(byte(2), "", []byte("x"))
	f.Fuzz(func(t *testing.T, kind byte, headers string, data []byte) {
		m := &nats.Msg{Subject: []string{"melden", "vragen.berichten", "vragen.werkgever." + kvk}[kind%3], Data: data, Header: sendable(headers)}
		before := h.ledger.Position()
		first := answer(t, h.nc, m)
		grown := h.ledger.Position() - before
		if first.Status != 0 && grown != 0 || grown > 1 || m.Subject != "melden" && grown != 0 {
			t.Fatalf("told %d, and the book grew by %d", first.Status, grown)
		}
		again := answer(t, h.nc, m)
		if first.Status != again.Status || first.Receipt.Position != again.Receipt.Position || !slices.Equal(faultsOf(t, first.Problem), faultsOf(t, again.Problem)) {
			t.Fatalf("told %+v, and then %+v", first, again)
		}
	})
}

// sendable are headers as a client library would send them: the wire is lines.
func sendable(headers string) nats.Header {
	head := nats.Header{}
	lines := strings.Split(headers, "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		name, value := lines[i], textproto.TrimString(strings.ReplaceAll(lines[i+1], "\r", ""))
		if name != "" && !strings.ContainsFunc(name, noToken) && !strings.EqualFold(name, "status") {
			head[name] = append(head[name], value)
		}
	}
	return head
}

// noToken: the client library sends no header whose name has this (RFC 9110, 5.6.2).
func noToken(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

func answer(t *testing.T, nc *nats.Conn, m *nats.Msg) told {
	t.Helper()
	got, err := nc.RequestMsg(m, 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject == "vragen.berichten" && bytes.Equal(got.Data, []byte(`{}`)) {
		return told{}
	}
	r := read(t, got)
	if r.Status != 0 && !slices.Contains([]int{400, 403, 409, 413, 415}, r.Status) {
		t.Fatalf("told %d %s", r.Status, r.Detail)
	}
	return r
}
