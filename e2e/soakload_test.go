package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
)

const (
	soakPartners = 60  // half of them over NATS; of the others a third in batches
	soakHands    = 8   // submissions that a partner has under way at most; of batches one
	soakBatch    = 100 // events
	soakOwn      = 100 // employers that only one partner goes to
	soakShared   = 200 // and that all go to, each tenth time
	soakSample   = 500 // of so many events one is kept, to be offered again in the end

	batched, overNATS, overHTTP = "batch of 100", "event, NATS", "event, HTTP"
)

// speaker is a partner that speaks at a steady pace, whatever the answers take.
type speaker struct {
	*partner
	number int
	way    string
	url    string // of the book
	token  atomic.Pointer[string]
	nc     atomic.Pointer[nats.Conn]
	line   *http.Client
	Access struct{ NATS, Token string } `json:"toegang"` // ids of its credentials

	m    *meter
	kept *acknowledged
}

// acknowledged is what all partners were told.
type acknowledged struct {
	mu     sync.Mutex
	count  uint64
	seen   []uint64 // a bit for each position
	twice  []string // events at a position that another has
	sample []toldAt
}

// toldAt is an event and the position that its partner was told.
type toldAt struct {
	who      *speaker
	event    object
	position uint64
}

func (a *acknowledged) note(who *speaker, e object, at uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for uint64(len(a.seen)) <= at/64 {
		a.seen = append(a.seen, 0)
	}
	if a.seen[at/64]&(1<<(at%64)) != 0 {
		a.twice = append(a.twice, fmt.Sprintf("%s at %d", e["id"], at))
	}
	a.seen[at/64] |= 1 << (at % 64)
	if a.count++; a.count%soakSample == 0 {
		a.sample = append(a.sample, toldAt{who, e, at})
	}
}

// admitSpeakers admits all partners.
func admitSpeakers(t *testing.T, b *book, m *meter, kept *acknowledged) (all []*speaker) {
	t.Helper()
	program := b.cmd.Path
	for i := range soakPartners {
		oin := fmt.Sprintf("00000099%012d", 7_000+i)
		s := &speaker{partner: &partner{source: "urn:nld:oin:" + oin + ":systeem:crm"}, number: i, way: overNATS, url: b.url, m: m, kept: kept}
		r := words{program: program, dir: b.dir}.run(t, "partner", "add", "--data", b.data, "--oin", oin, "--name", fmt.Sprintf("Partner %d", i), "--kind", "overig", "--json").well(t, s.partner)
		if err := json.Unmarshal([]byte(r.stdout), &struct {
			Access any `json:"toegang"`
		}{&s.Access}); err != nil || s.Access.NATS == "" || s.Access.Token == "" {
			t.Fatalf("%v: %v", err, r)
		}
		if s.Creds = filepath.Join(b.dir, s.Creds); i%2 == 1 {
			if s.way = overHTTP; i%6 == 1 {
				s.way = batched
			}
		}
		s.token.Store(&s.Token)
		s.line = &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: soakHands}}
		t.Cleanup(s.line.CloseIdleConnections)
		s.dial(t, b)
		all = append(all, s)
	}
	return all
}

// dial connects over NATS with the credentials of now.
func (s *speaker) dial(t *testing.T, b *book) {
	t.Helper()
	nc, err := nats.Connect(b.nats, nats.UserCredentials(s.Creds), nats.Timeout(patience/4), nats.NoReconnect(), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	if old := s.nc.Swap(nc); old != nil {
		old.Close()
	}
}

// hand is one of the things that a partner does at a time.
type hand struct {
	*speaker
	rng    *rand.Rand
	size   int           // of a submission
	period time.Duration // between two
	due    time.Time
	next   []object // what it will say, in order
	loops  int
}

// speak begins all hands of a partner; they end when closing is closed, with what
// is under way answered.
func (s *speaker) speak(ctx context.Context, rate float64, closing <-chan struct{}, all *sync.WaitGroup, failed func(error)) {
	hands, size := soakHands, 1
	if s.way == batched {
		hands, size = 1, soakBatch
	}
	period := time.Duration(float64(hands*size) / rate * float64(time.Second))
	for i := range hands {
		h := &hand{speaker: s, rng: rand.New(rand.NewPCG(uint64(s.number), uint64(i))), size: size, period: period}
		h.due = time.Now().Add(time.Duration(h.rng.Int64N(int64(period))))
		all.Go(func() {
			if err := h.work(ctx, closing); err != nil {
				failed(fmt.Errorf("%s: %w", s.Name, err))
			}
		})
	}
}

func (h *hand) work(ctx context.Context, closing <-chan struct{}) error {
	for {
		select {
		case <-time.After(time.Until(h.due)):
		case <-closing:
			return nil
		}
		held := 0
		for h.due = h.due.Add(h.period); time.Since(h.due) > h.period; h.due = h.due.Add(h.period) {
			held += h.size // it was due while an answer was waited for
		}
		for len(h.next) < h.size {
			h.next = append(h.next, h.loop()...)
		}
		list := h.next[:h.size:h.size]
		h.next = h.next[h.size:]
		h.m.note(func(w *window) { w.offered += h.size + held; w.held += held })
		if err := h.tell(ctx, list, false); err != nil {
			return err
		}
		if h.rng.IntN(20) == 0 { // it is not sure, and says it again
			if err := h.tell(ctx, list, true); err != nil {
				return err
			}
		}
	}
}

// loop closes one from plan to visit at an employer, with what else is said of it.
// Nothing in it becomes more with time but the records: employers, people and open
// plans stay as many.
func (h *hand) loop() (list []object) {
	h.loops++
	kvk := 90_000_000 + h.number*soakOwn + h.rng.IntN(soakOwn)
	if h.rng.IntN(10) == 0 {
		kvk = 90_900_000 + h.rng.IntN(soakShared)
	}
	approach, employer := uuid.NewString(), strconv.Itoa(kvk)
	who := manager(fmt.Sprint("am-", h.rng.IntN(5)), "Accountmanager Voorbeeld", "038-1000999")
	add := func(name string, data object) {
		if name != "bezoek-verzet" && name != "bezoek-afgezegd" {
			data["kvkNummer"] = employer
		}
		list = append(list, h.event(name, data))
	}
	add("bezoek-gepland", object{"benadering": approach, "datum": day(3), "doel": "kennismaking", "accountmanager": who})
	switch h.loops % 8 {
	case 0:
		add("werkgever-beschreven", object{"naam": fmt.Sprintf("Bakkerij %d", kvk), "plaats": "Zwolle", "gemeentecode": "GM0193", "sbiCode": "10710", "sbiVersie": "2025",
			"contactpersonen": []any{object{"naam": "Bo Voorbeeld", "telefoon": "038-1000102"}}})
	case 1, 2:
		add("bezoek-verzet", object{"benadering": approach, "datum": day(5)})
	case 3:
		add("plaatsing-gerealiseerd", object{"plaatsing": uuid.NewString(), "ingangsdatum": day(-h.rng.IntN(200)), "soort": "dienstverband", "arbeidsmarktregio": "AM36", "doelgroep": "DD01"})
	case 4:
		bad := h.event("bezoek-gepland", object{"kvkNummer": "geen nummer", "benadering": approach, "datum": day(3), "doel": "kennismaking", "accountmanager": who})
		list = append(list, bad)
	}
	if h.loops%8 == 5 {
		add("bezoek-afgezegd", object{"benadering": approach})
		return list
	}
	visit := object{"benadering": approach, "datum": day(0), "doel": "kennismaking", "vorm": "telefoon", "accountmanager": who}
	if h.rng.IntN(4) == 0 {
		visit["toelichting"] = "Kennisgemaakt; belt terug over twee plekken in het magazijn."
	}
	add("bezoek-afgelegd", visit)
	add("dienst-geleverd", object{"dienst": "voorlichting", "datum": day(-h.rng.IntN(90))})
	return list
}

// tell offers events until each has its answer. A repeat has to be known.
func (h *hand) tell(ctx context.Context, list []object, repeat bool) error {
	for wait := 50 * time.Millisecond; len(list) > 0; wait = min(2*wait, time.Second) {
		began := time.Now()
		var answers []*answer
		var err error
		switch h.way {
		case batched:
			answers, err = h.inBatch(ctx, list)
		case overNATS:
			answers, err = h.one(h.request(ctx, structured(list[0])))
		default:
			answers, err = h.one(post(ctx, h.line, h.url, *h.token.Load(), list[0], false))
		}
		var again []object
		if err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("%d events never got an answer: %w", len(list), err)
			}
			h.m.note(func(w *window) { w.refused["no answer"]++ })
			again = list
		} else {
			worst := 0
			for i, a := range answers {
				if a.Status == http.StatusTooManyRequests || a.Status == http.StatusServiceUnavailable || a.Status == http.StatusUnauthorized {
					again, worst = append(again, list[i]), a.Status
				} else if err := h.heard(list[i], a, repeat); err != nil {
					return err
				}
			}
			h.m.answered(h.way, began, worst)
		}
		if list = again; len(list) > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return fmt.Errorf("%d events never got an answer", len(list))
			}
		}
	}
	return nil
}

func (h *hand) one(a *answer, err error) ([]*answer, error) { return []*answer{a}, err }

// request sends over the connection of now.
func (h *hand) request(ctx context.Context, m *nats.Msg) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	p := *h.partner
	p.nc = h.nc.Load()
	return p.request(ctx, m)
}

// inBatch sends all in one request.
func (h *hand) inBatch(ctx context.Context, list []object) ([]*answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/v1/gebeurtenissen", bytes.NewReader(marshal(list)))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/cloudevents-batch+json")
	req.Header.Set("Authorization", "Bearer "+*h.token.Load())
	resp, err := h.line.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var whole struct {
		Status  int `json:"status"` // of a problem
		Results []struct {
			Status  int
			Receipt *answer `json:"ontvangstbewijs"`
			Problem *answer `json:"probleem"`
		} `json:"resultaten"`
	}
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, fmt.Errorf("%s: %w", body, err)
	}
	answers := make([]*answer, len(list))
	for i := range list {
		switch {
		case whole.Status != 0:
			answers[i] = &answer{Status: whole.Status, raw: string(body)}
		case len(whole.Results) != len(list):
			return nil, fmt.Errorf("%d answers to %d events: %s", len(whole.Results), len(list), body)
		case whole.Results[i].Problem != nil:
			answers[i] = whole.Results[i].Problem
		default:
			answers[i] = whole.Results[i].Receipt
		}
	}
	return answers, nil
}

// heard judges an answer that stands.
func (h *hand) heard(e object, a *answer, repeat bool) error {
	bad := e["data"].(object)["kvkNummer"] == "geen nummer"
	switch {
	case bad && a.Status == http.StatusBadRequest:
		h.m.note(func(w *window) { w.refused["400 (wrong on purpose)"]++ })
	case bad || a.Status >= 300 || a.ID != e["id"] || a.Position == 0:
		return fmt.Errorf("%s was answered %d %s", marshal(e), a.Status, a.raw)
	case repeat:
		h.m.note(func(w *window) { w.repeated++ })
	default:
		h.m.note(func(w *window) { w.acked++ })
		h.kept.note(h.speaker, e, a.Position)
	}
	return nil
}
