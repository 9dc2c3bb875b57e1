package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

// Fictitious numbers, and OINs with the test prefix.
const (
	oinZwolle = "00000099000000001000"
	oinUWV    = "00000099000000002000"
	oinKampen = "00000099000000003000"
)

var kvks = []string{"69599084", "68727720", "90004760", "68750110", "90001354", "69599068", "69599076", "90005414"}

// object is a JSON object.
type object = map[string]any

// book is a served book in a folder of its own.
type book struct {
	*server
	dir     string // holds the data folder and the credentials
	steward string // token
}

// newBook serves a new book.
func newBook(t *testing.T, flags ...string) *book {
	t.Helper()
	return newBookAs(t, built, flags...)
}

func newBookAs(t *testing.T, program string, flags ...string) *book {
	t.Helper()
	return newBookIn(t, program, t.TempDir(), flags...)
}

func newBookIn(t *testing.T, program, dir string, flags ...string) *book {
	t.Helper()
	return newBookAt(t, program, dir, filepath.Join(dir, "data"), flags...)
}

// newBookAt keeps the data folder elsewhere than the credentials.
func newBookAt(t *testing.T, program, dir, data string, flags ...string) *book {
	t.Helper()
	b := &book{dir: dir}
	b.server = startAs(t, program, data, append([]string{"--region", "AM36"}, flags...)...)
	b.steward = strings.TrimSpace(readText(t, filepath.Join(b.data, "steward.token")))
	return b
}

// restart stops the server and starts it on the same folder.
func (b *book) restart(t *testing.T) {
	t.Helper()
	b.stop(t)
	b.server = start(t, b.data)
}

// partner is an organisation that takes part. Nothing of it is ours but the
// credentials.
type partner struct {
	ID     string `json:"partner"`
	Name   string `json:"naam"`
	Creds  string `json:"creds"`
	Token  string `json:"token"`
	source string
	nc     *nats.Conn
}

// admit lets a partner take part, as the steward does on the command line.
func (b *book) admit(t *testing.T, oin, name, kind string) *partner {
	t.Helper()
	p := &partner{source: "urn:nld:oin:" + oin + ":systeem:crm"}
	words{dir: b.dir}.run(t, "partner", "add", "--data", b.data, "--oin", oin, "--name", name, "--kind", kind, "--json").well(t, p)
	p.Creds = filepath.Join(b.dir, p.Creds)
	return p
}

// join admits a partner and connects it.
func (b *book) join(t *testing.T, oin, name, kind string) *partner {
	t.Helper()
	p := b.admit(t, oin, name, kind)
	p.connect(t, b.server)
	return p
}

// connect is all that a partner needs: plain nats.go and its credentials.
func (p *partner) connect(t *testing.T, s *server, options ...nats.Option) {
	t.Helper()
	options = append([]nats.Option{nats.UserCredentials(p.Creds), nats.Timeout(patience / 4), nats.NoReconnect()}, options...)
	nc, err := nats.Connect(s.nats, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	p.nc = nc
}

// event is a CloudEvent of the partner in structured form, under a new id.
func (p *partner) event(name string, data object) object {
	return object{
		"specversion": "1.0", "type": "nl.werkgeversdiensten." + name + ".v1",
		"source": p.source, "id": uuid.NewString(), "data": data,
	}
}

// answer is a receipt, an advice or a problem.
type answer struct {
	Outcome   string     `json:"oordeel"`
	Reasons   []reason   `json:"redenen"`
	Call      *call      `json:"bel"`
	Next      []call     `json:"belDaarna"`
	LastVisit *lastVisit `json:"laatsteBezoek"`
	Others    []plan     `json:"anderePlannen"`
	ID        string     `json:"id"`
	Position  uint64     `json:"positie"`

	Type    string  `json:"type"`
	Title   string  `json:"title"`
	Status  int     `json:"status"` // 0 for what is no problem
	Detail  string  `json:"detail"`
	Faults  []fault `json:"fouten"`
	Refused *answer `json:"ontvangstbewijs"` // of a plan or move that the agreement refuses

	raw string
}

type reason struct {
	Code     string            `json:"code"`
	Sentence map[string]string `json:"zin"`
}

type partnerName struct {
	ID   string `json:"id"`
	URN  string `json:"urn"`
	Name string `json:"naam"`
}

type person struct {
	Name     string `json:"naam"`
	Phone    string `json:"telefoon"`
	Employee string `json:"medewerker"`
	Email    string `json:"email"`
}

type call struct {
	Partner partnerName `json:"partner"`
	Name    string      `json:"naam"`
	Phone   string      `json:"telefoon"`
	Reason  string      `json:"reden"`
}

type lastVisit struct {
	Position uint64      `json:"positie"`
	Date     string      `json:"datum"`
	Partner  partnerName `json:"partner"`
	Manager  *person     `json:"accountmanager"`
}

type plan struct {
	Position uint64      `json:"positie"`
	Approach string      `json:"benadering"`
	From     string      `json:"van"`
	To       string      `json:"tot"`
	Partner  partnerName `json:"partner"`
	Manager  *person     `json:"accountmanager"`
}

type fault struct {
	Field    string            `json:"veld"`
	Code     string            `json:"code"`
	Sentence map[string]string `json:"zin,omitempty"`
}

// verdict is the outcome with its reasons.
func (a *answer) verdict() string {
	return strings.Join(append([]string{a.Outcome}, a.codes()...), " ")
}

func (a *answer) codes() []string {
	codes := []string{}
	for _, r := range a.Reasons {
		codes = append(codes, r.Code)
	}
	return codes
}

// faults lists them as "field code", in order.
func (a *answer) faults() []string {
	list := []string{}
	for _, f := range a.Faults {
		list = append(list, f.Field+" "+f.Code)
	}
	slices.Sort(list)
	return list
}

// request sends a message and decodes what comes back.
func (p *partner) request(ctx context.Context, m *nats.Msg) (*answer, error) {
	got, err := p.nc.RequestMsgWithContext(ctx, m)
	if err != nil {
		return nil, err
	}
	a := &answer{raw: string(got.Data)}
	if err := json.Unmarshal(got.Data, a); err != nil {
		return nil, fmt.Errorf("%w: %q", err, got.Data)
	}
	if problem := got.Header.Get("content-type") == "application/problem+json"; problem != (a.Status != 0) {
		return nil, fmt.Errorf("content type %q for %s", got.Header.Get("content-type"), got.Data)
	}
	return a, nil
}

// ask is request for tests that want an answer of whatever kind.
func (p *partner) ask(t *testing.T, m *nats.Msg) *answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	a, err := p.request(ctx, m)
	if err != nil {
		t.Fatalf("request to %s: %v", m.Subject, err)
	}
	return a
}

// structured is an event as one JSON object, after the CloudEvents NATS binding.
func structured(event object) *nats.Msg {
	m := nats.NewMsg("melden")
	m.Header.Set("Content-Type", "application/cloudevents+json; charset=utf-8")
	m.Data = marshal(event)
	return m
}

// inBinary is an event with its attributes as headers.
func inBinary(event object) *nats.Msg {
	m := nats.NewMsg("melden")
	for name, value := range event {
		switch name {
		case "data":
			m.Data = marshal(value)
		default:
			m.Header.Set("ce-"+name, fmt.Sprint(value))
		}
	}
	m.Header.Set("Content-Type", "application/json")
	return m
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only for values that no test makes
	}
	return b
}

// emit sends an event and wants a receipt.
func (p *partner) emit(t *testing.T, event object) *answer {
	t.Helper()
	return receipt(t, p.ask(t, structured(event)))
}

func receipt(t *testing.T, a *answer) *answer {
	t.Helper()
	if a.Status != 0 || a.Position == 0 {
		t.Fatalf("no receipt: %s", a.raw)
	}
	return a
}

// refused sends an event and wants exactly these faults, as "field code".
func (p *partner) refused(t *testing.T, event object, status int, want ...string) {
	t.Helper()
	a := p.ask(t, structured(event))
	if got := a.faults(); a.Status != status || !slices.Equal(got, want) {
		t.Errorf("%v: %d %q, want %d %q", event["type"], a.Status, got, status, want)
	}
}

// advice asks about an employer.
func (p *partner) advice(t *testing.T, employer string) *answer {
	t.Helper()
	return p.ask(t, nats.NewMsg("vragen.werkgever."+employer))
}

// tip is the last position, as /v1 tells it.
func (b *book) tip(t *testing.T) uint64 {
	t.Helper()
	var a struct {
		Position uint64 `json:"positie"`
	}
	if status, body := b.get(t, b.steward, "/v1/partners", &a); status != 200 {
		t.Fatalf("/v1/partners: %d %s", status, body)
	}
	return a.Position
}

var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // tzdata is linked in
	}
	return l
}()

// day is today, or that many days after it, as the ledger counts days.
func day(after int) string {
	return time.Now().In(amsterdam).AddDate(0, 0, after).Format(time.DateOnly)
}

// manager is an account manager of a partner.
func manager(id, name, phone string) object {
	return object{"medewerker": id, "naam": name, "telefoon": phone}
}
