package natsdoor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsdoor"
	"huisboek/adapters/natsserver"
	"huisboek/ledger"
)

// asked is what was asked for messages.
type asked struct {
	caller ledger.Caller
	after  string
	most   int
}

func noMessages(context.Context, ledger.Caller, string, int) (any, error) { return struct{}{}, nil }

func TestMessagesQuestion(t *testing.T) {
	var last atomic.Pointer[asked]
	h := start(t, func(c *natsdoor.Config) {
		c.Messages = func(_ context.Context, c ledger.Caller, after string, most int) (any, error) {
			if after == "fout" {
				return nil, ledger.NewProblem(400, "ongeldig", "t", "d")
			}
			last.Store(&asked{c, after, most})
			return map[string]any{"berichten": []int{1}}, nil
		}
	})
	for _, c := range []struct {
		name   string
		body   string
		want   asked
		faults []string // with status 400
	}{
		{"nothing", "", asked{most: 50}, nil},
		{"an empty object", "{}", asked{most: 50}, nil},
		{"both", ` {"na":"12-\u0061b", "aantal":7} `, asked{after: "12-ab", most: 7}, nil},
		{"one", `{"aantal":1}`, asked{most: 1}, nil},
		{"the most", `{"aantal":200}`, asked{most: 200}, nil},
		{"null is absent", `{"na":null,"aantal":null}`, asked{most: 50}, nil},
		{"none", `{"aantal":0}`, asked{}, []string{"/aantal geen-aantal"}},
		{"too many", `{"aantal":201}`, asked{}, []string{"/aantal geen-aantal"}},
		{"fewer than none", `{"aantal":-1}`, asked{}, []string{"/aantal geen-aantal"}},
		{"with a point", `{"aantal":1.0}`, asked{}, []string{"/aantal geen-aantal"}},
		{"an exponent", `{"aantal":1e1}`, asked{}, []string{"/aantal geen-aantal"}},
		{"beyond numbers", `{"aantal":99999999999999999999}`, asked{}, []string{"/aantal geen-aantal"}},
		{"as a text", `{"aantal":"5"}`, asked{}, []string{"/aantal geen-aantal"}},
		{"na a number", `{"na":5}`, asked{}, []string{"/na verkeerde-soort"}},
		{"na an object", `{"na":{"a":1}}`, asked{}, []string{"/na verkeerde-soort"}},
		{"unknown, not repeated", `{"111222333":1,"limit":5}`, asked{}, []string{" onbekend-veld"}},
		{"in capitals", `{"Na":"5"}`, asked{}, []string{" onbekend-veld"}},
		{"twice", `{"na":"1","na":"2"}`, asked{}, []string{"/na dubbel-veld"}},
		{"twice, in another spelling", `{"na":"1","n\u0061":"2"}`, asked{}, []string{"/na dubbel-veld"}},
		{"null, and again", `{"aantal":null,"aantal":5}`, asked{}, []string{"/aantal dubbel-veld"}},
		{"all at once", `{"x":1,"na":1,"aantal":0,"na":"2","y":2}`, asked{}, []string{" onbekend-veld", "/aantal geen-aantal", "/na dubbel-veld", "/na verkeerde-soort"}},
		{"no object", `[]`, asked{}, []string{" verkeerde-soort"}},
		{"null", `null`, asked{}, []string{" verkeerde-soort"}},
		{"a text", `"x"`, asked{}, []string{" verkeerde-soort"}},
		{"space", "  ", asked{}, []string{" ongeldige-json"}},
		{"not JSON", `{"na":`, asked{}, []string{" ongeldige-json"}},
		{"no comma", `{"na":"1" "aantal":5}`, asked{}, []string{" ongeldige-json"}},
		{"something behind it", `{} {}`, asked{}, []string{" ongeldige-json"}},
		{"half of something behind it", `{} x`, asked{}, []string{" ongeldige-json"}},
		{"bad UTF-8", "{\"na\":\"\xff\"}", asked{}, []string{" ongeldige-tekens"}},
		{"deep", strings.Repeat(`{"na":`, 20_000), asked{}, []string{" ongeldige-json"}},
		{"refused by whom it asks", `{"na":"fout"}`, asked{}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			last.Store(&asked{})
			m := h.ask(h.nc, "vragen.berichten", nil, c.body)
			got := *last.Load()
			if c.faults == nil {
				c.want.caller = ledger.Caller{Role: ledger.RolePartner, Partner: h.partner, Credential: "proef", Door: ledger.DoorNATS}
				if got != c.want || string(m.Data) != `{"berichten":[1]}` || m.Header.Get("content-type") != "application/json" {
					t.Errorf("asked %+v, want %+v; told %s", got, c.want, m.Data)
				}
				return
			}
			r := read(t, m)
			if faults := faultsOf(t, r.Problem); r.Status != 400 || !slices.Equal(faults, c.faults) || got != (asked{}) {
				t.Errorf("told %d %v, asked %+v", r.Status, faults, got)
			}
			if strings.Contains(string(m.Data), "111222333") {
				t.Errorf("repeated: %s", m.Data)
			}
		})
	}
}

// Without anybody to ask, a partner hears that nobody listens, at once.
func TestNoMessages(t *testing.T) {
	h := start(t, nil)
	if m, err := h.nc.Request("vragen.berichten", nil, 20*time.Second); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("got %v %v", m, err)
	}
}

func TestHint(t *testing.T) {
	h := start(t, nil)
	nc, err := h.env.Server.Connect(natsserver.User{Name: "proef", Subscribe: []string{"out.>"}})
	if err != nil {
		t.Fatal(err)
	}
	sub, err := nc.SubscribeSync("out.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	h.door.Hint(h.account, 12_345)
	m, err := sub.NextMsg(20 * time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "out."+h.account+".berichten.nieuw" || string(m.Data) != `{"positie":12345}` || m.Header.Get("content-type") != "application/json" {
		t.Errorf("got %s %s %v", m.Subject, m.Data, m.Header)
	}
}
