package natsdoor_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
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
		{"nothing", "", asked{}, nil},
		{"an empty object", "{}", asked{}, nil},
		{"both", ` {"na":"12-\u0061b", "aantal":7} `, asked{after: "12-ab", most: 7}, nil},
		{"one", `{"aantal":1}`, asked{most: 1}, nil},
		{"the most", `{"aantal":200}`, asked{most: 200}, nil},
		{"null is absent", `{"na":null,"aantal":null}`, asked{}, nil},
		{"none", `{"aantal":0}`, asked{}, []string{"/aantal geen-aantal"}},
		{"too many, which is not for the door to say", `{"aantal":201}`, asked{most: 201}, nil},
		{"fewer than none", `{"aantal":-1}`, asked{}, []string{"/aantal geen-aantal"}},
		{"with a point", `{"aantal":1.0}`, asked{}, []string{"/aantal geen-aantal"}},
		{"an exponent", `{"aantal":1e1}`, asked{}, []string{"/aantal geen-aantal"}},
		{"beyond numbers", `{"aantal":99999999999999999999}`, asked{most: math.MaxInt}, nil},
		{"below numbers", `{"aantal":-99999999999999999999}`, asked{}, []string{"/aantal geen-aantal"}},
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
			last.Store(nil)
			m := h.ask(h.nc, "vragen.berichten", nil, c.body)
			got := last.Load()
			if c.faults == nil {
				c.want.caller = ledger.Caller{Role: ledger.RolePartner, Partner: h.partner, Credential: "proef", Door: ledger.DoorNATS}
				if got == nil || *got != c.want || string(m.Data) != `{"berichten":[1]}` || m.Header.Get("content-type") != "application/json" {
					t.Errorf("asked %+v, want %+v; told %s", got, c.want, m.Data)
				}
				return
			}
			r := read(t, m)
			if faults := faultsOf(t, r.Problem); r.Status != 400 || !slices.Equal(faults, c.faults) || got != nil {
				t.Errorf("told %d %v, asked %+v", r.Status, faults, got)
			}
			if strings.Contains(string(m.Data), "111222333") {
				t.Errorf("repeated: %s", m.Data)
			}
		})
	}
}

// list has so many messages, each with a text; a cursor is the place of the last.
type list struct {
	count, size int
	calls       atomic.Int32
}

type page struct {
	Messages []string `json:"berichten"`
	Next     string   `json:"volgende"`
	More     bool     `json:"meer"`
}

func (l *list) messages(_ context.Context, _ ledger.Caller, after string, most int) (any, error) {
	l.calls.Add(1)
	first, _ := strconv.Atoi(after)
	out := &page{Messages: []string{}}
	end := min(l.count, first+cmp.Or(most, 50))
	for i := first; i < end; i++ {
		out.Messages = append(out.Messages, fmt.Sprint(i, strings.Repeat("x", l.size)))
	}
	out.Next, out.More = strconv.Itoa(end), end < l.count
	return out, nil
}

// However large messages are, a partner gets all of them, in order and each once.
func TestLargeMessages(t *testing.T) {
	for size, count := range map[int]int{100: 200, 3_000: 200, 125_000: 4} {
		l := &list{count: count, size: size}
		h := start(t, func(c *natsdoor.Config) { c.Messages = l.messages })
		for _, most := range []string{"", `,"aantal":200`, `,"aantal":3`} {
			l.calls.Store(0)
			seen, pages := 0, 0
			for after, more := "0", true; more; pages++ {
				m := h.ask(h.nc, "vragen.berichten", nil, `{"na":"`+after+`"`+most+`}`)
				var got page
				if err := json.Unmarshal(m.Data, &got); err != nil || m.Header.Get("content-type") != "application/json" || len(got.Messages) == 0 {
					t.Fatalf("%d bytes%s: %v %.200s", size, most, err, m.Data)
				}
				for _, text := range got.Messages {
					if !strings.HasPrefix(text, fmt.Sprint(seen, "x")) {
						t.Fatalf("%d bytes%s: message %d is %.10s", size, most, seen, text)
					}
					seen++
				}
				after, more = got.Next, got.More
			}
			if seen != l.count || int(l.calls.Load()) > 9*pages {
				t.Errorf("%d bytes%s: %d messages in %d pages, asked %d times", size, most, seen, pages, l.calls.Load())
			}
		}
	}
}

// An answer that does not go into a message, or that cannot be written, is our
// failure: it is told and logged.
func TestAnswerThatCannotBeSent(t *testing.T) {
	var log lines
	l := &list{count: 1, size: natsserver.MaxPayload}
	h := start(t, func(c *natsdoor.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, nil))
		c.Messages = func(ctx context.Context, c ledger.Caller, after string, most int) (any, error) {
			if after == "nooit" {
				return func() {}, nil
			}
			return l.messages(ctx, c, after, most)
		}
		c.Desk = &fake{id: strings.Repeat("x", natsserver.MaxPayload)}
	})
	for name, m := range map[string]*nats.Msg{
		"messages":       h.ask(h.nc, "vragen.berichten", nil, ""),
		"no JSON":        h.ask(h.nc, "vragen.berichten", nil, `{"na":"nooit"}`),
		"a receipt":      h.ask(h.nc, "melden", nil, event("een", "")),
		"a receipt, and": h.ask(h.nc, "melden", nil, event("een", "")),
	} {
		if r := read(t, m); r.Status != 500 || !strings.HasSuffix(r.Type, "interne-fout") || r.retryAfter != "" {
			t.Errorf("%s: told %d %s", name, r.Status, r.Type)
		}
	}
	if got := log.String(); strings.Count(got, "level=ERROR") != 4 || strings.Contains(got, "xxx") {
		t.Errorf("logged %.500s", got)
	}
}

// lines is a log.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
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
