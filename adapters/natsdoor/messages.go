package natsdoor

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nats.go"

	"huisboek/events"
	"huisboek/ledger"
)

// fewerMessages is how many messages are asked for when those of who did not say
// how many do not go into one answer.
const fewerMessages = 32

func (d *Door) messages(ctx context.Context, c ledger.Caller, m *nats.Msg) (any, error) {
	after, most, err := readQuestion(m.Data)
	if err != nil {
		return nil, err
	}
	for {
		page, err := d.cfg.Messages(ctx, c, after, most)
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(page)
		if err != nil || len(data) <= d.room() || most == 1 {
			return jsontext.Value(data), err
		}
		if most /= 2; most == 0 {
			most = fewerMessages
		}
	}
}

// Hint tells the partner behind an account that there is a message about a
// position, or that something fell due by the event there. It may get lost: a partner
// asks now and then as well, once a day at least.
func (d *Door) Hint(account string, at events.Position) {
	out := nats.NewMsg("out." + account + ".berichten.nieuw")
	out.Header.Set("content-type", "application/json")
	out.Data = append(strconv.AppendUint([]byte(`{"positie":`), uint64(at), 10), '}')
	if err := d.cfg.Conn.PublishMsg(out); err != nil {
		d.cfg.Log.Debug("hint not sent", "account", account, "err", err)
	}
}

// readQuestion reads {"na": "…", "aantal": 50}, of which each may be left out, and
// so may all of it: 0 is a number that was. All faults in how it is written are
// told at once; how many there may be, who answers says.
func readQuestion(data []byte) (after string, most int, err error) {
	var q question
	if len(data) > 0 {
		q.read(data)
	}
	if len(q.faults) == 0 {
		return q.after, q.most, nil
	}
	slices.SortStableFunc(q.faults, func(a, b events.Fault) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Code, b.Code))
	})
	q.faults = slices.CompactFunc(q.faults, func(a, b events.Fault) bool { return a.Field == b.Field && a.Code == b.Code })
	return "", 0, ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige vraag",
		`Vraag zonder inhoud, of met {"na": …, "aantal": …}: het laatste volgende, en hoeveel berichten ten hoogste.`, q.faults...)
}

// question is a question for messages while it is read.
type question struct {
	after  string
	most   int
	faults events.Faults
}

func (q *question) fail(field, code, nl, en string) {
	q.faults = append(q.faults, events.Fault{Field: field, Code: code, Sentence: events.Sentence{NL: nl, EN: en}})
}

func (q *question) read(data []byte) {
	d := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	if kind := d.PeekKind(); kind != jsontext.KindBeginObject && kind != jsontext.KindInvalid {
		q.fail("", "verkeerde-soort", "De inhoud is een JSON-object, of er is geen inhoud.", "The body is a JSON object, or there is none.")
		return
	}
	if err := q.members(d); err != nil {
		q.faults = nil
		if !utf8.Valid(data) {
			q.fail("", "ongeldige-tekens", "Dit is geen geldige UTF-8.", "This is not valid UTF-8.")
			return
		}
		q.fail("", "ongeldige-json", "Dit is geen geldige JSON.", "This is not valid JSON.")
	}
}

// members reads all members and the end.
func (q *question) members(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for d.PeekKind() != jsontext.KindEndObject {
		t, err := d.ReadToken()
		if err != nil {
			return err
		}
		name := t.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		q.member(name, value, seen[name])
		seen[name] = true
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	switch _, err := d.ReadToken(); err {
	case io.EOF:
		return nil
	case nil:
		return errMore
	default:
		return err
	}
}

var errMore = ledger.NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige vraag", "Er staat iets achter het object.")

func (q *question) member(name string, value jsontext.Value, again bool) {
	field := "/" + name
	switch {
	case name != "na" && name != "aantal": // it is not repeated: it can be anything
		q.fail("", "onbekend-veld", `Een vraag om berichten kent alleen "na" en "aantal".`, `A question for messages knows "na" and "aantal" only.`)
	case again:
		q.fail(field, "dubbel-veld", "Dit veld staat er meer dan eens.", "This member occurs more than once.")
	case value.Kind() == jsontext.KindNull: // absent
	case name == "na":
		text, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			q.fail(field, "verkeerde-soort", "Dit is een tekst: volgende uit het vorige antwoord.", "This is a text: volgende of the answer before.")
			return
		}
		q.after = string(text)
	default:
		n, err := strconv.Atoi(string(value))
		if err != nil && !errors.Is(err, strconv.ErrRange) || n < 1 {
			q.fail(field, "geen-aantal", "Dit is een geheel getal van 1 of meer.", "This is a whole number of 1 or more.")
			return
		}
		q.most = n
	}
}
