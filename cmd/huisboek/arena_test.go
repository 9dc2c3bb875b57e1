package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"huisboek/adapters/natsserver"
	"huisboek/events"
)

// arena is a book with a hostile partner P and an honest partner Q.
type arena struct {
	h          *house
	p, q       *admitted
	keyP, keyQ string // their accounts
	honest     *nats.Conn
	known      []byte // an event of P that is in the book already
	planQ      string // id of an event of Q that is in the book
	js         jetstream.JetStream
	plain      nats.JetStreamContext

	admin *nats.Conn
	spy   chan *nats.Msg // what the ledger's account hears, in order
	heard []string       // of that, the subjects that were read

	mu     sync.Mutex
	events int // made so far
}

const honestInbox = "_INBOX.honest"

func newArena(t *testing.T, s settings) *arena {
	t.Helper()
	a := &arena{h: listening(t, s), spy: make(chan *nats.Msg, 1<<17)}
	a.p, a.q = a.h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"}), a.h.mustAdmit(t, newPartner{OIN: oinQ, Name: "Q"})
	a.keyP, a.keyQ = a.h.accountsOf(a.p.Partner)[0].PublicKey, a.h.accountsOf(a.q.Partner)[0].PublicKey
	admin, err := a.h.server.Connect(natsserver.User{Name: "toezicht", Publish: []string{">"}, Subscribe: []string{">"}})
	if err != nil {
		t.Fatal(err)
	}
	if a.js, err = jetstream.New(admin); err != nil {
		t.Fatal(err)
	}
	if a.plain, err = admin.JetStream(); err != nil {
		t.Fatal(err)
	}
	a.admin = admin
	for _, subject := range []string{"in.>", "out.>", "huisboek.>", "sleutels.>", "_R_.>"} {
		if _, err := admin.ChanSubscribe(subject, a.spy); err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.Flush(); err != nil {
		t.Fatal(err)
	}
	a.honest = dialWith(t, a.h.natsURL(), a.q.Creds, nats.CustomInboxPrefix(honestInbox))
	hostile := dialWith(t, a.h.natsURL(), a.p.Creds)
	a.known, a.planQ = plan(t, sourceP, "plan-p"), "plan-q"
	for _, said := range []struct {
		nc    *nats.Conn
		event []byte
	}{{a.honest, plan(t, sourceQ, a.planQ)}, {hostile, a.known}} { // the second is news for Q
		if r, err := tell(said.nc, said.event); err != nil || r.Status != 0 {
			t.Fatalf("%+v %v", r, err)
		}
	}
	hostile.Close()
	a.until(t, "out."+a.keyQ+".") // the hint of it
	return a
}

// plan is a plan to visit one employer, the same for all.
func plan(t *testing.T, source, id string) []byte {
	t.Helper()
	approach := map[string]string{sourceP: "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e11", sourceQ: "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e12"}[source]
	e, err := events.NewEvent(source, id, time.Now(), &events.VisitPlanned{
		Employer: events.Employer{KvK: "69599084"}, Approach: approach, Date: events.DateOf(time.Now()).AddDays(10), Purpose: "kennismaking",
		AccountManager: events.Plainly(events.AccountManager{Employee: "m1", Name: "Proef"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.Canonical()
}

// until reads what the ledger's account heard up to and including a subject.
func (a *arena) until(t *testing.T, prefix string) {
	t.Helper()
	for {
		select {
		case m := <-a.spy:
			a.heard = append(a.heard, m.Subject)
			if strings.HasPrefix(m.Subject, prefix) {
				return
			}
		case <-time.After(patience):
			t.Fatalf("%s was not heard", prefix)
		}
	}
}

const marker = "out.tot.hier"

// said is what the ledger's account has heard since it was last asked, answers
// left out.
func (a *arena) said(t *testing.T) []string {
	t.Helper()
	if err := a.admin.Publish(marker, nil); err != nil {
		t.Fatal(err)
	}
	a.until(t, marker)
	heard := slices.DeleteFunc(a.heard, func(s string) bool { return s == marker || strings.HasPrefix(s, "_R_.") })
	a.heard = nil
	return heard
}

// event is a new one. All are of one accountmanager, so that no new keys are
// drawn: what is in the stream of keys stays comparable.
func (a *arena) event(t *testing.T, source string) []byte {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events++
	e, err := events.NewEvent(source, fmt.Sprint("bezoek-", a.events), time.Now(), &events.VisitMade{
		Employer: events.Employer{KvK: fmt.Sprint(90000000 + a.events)}, Date: "2026-01-05", Purpose: "overig", Form: "video",
		AccountManager: events.Plainly(events.AccountManager{Employee: "m1", Name: "Proef"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return e.Canonical()
}

// hostile is a connection of P's, and what the server refuses on it.
func (a *arena) hostile(t *testing.T) (*nats.Conn, <-chan error) {
	t.Helper()
	refused := make(chan error, 1_000)
	nc := dialWith(t, a.h.natsURL(), a.p.Creds, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		select {
		case refused <- err:
		default:
		}
	}))
	return nc, refused
}

// stored is what can be seen of a stream from its own account.
type stored struct {
	Config, Subjects       string
	Messages, First, Last  uint64
	Bytes                  uint64
	Deleted, ConsumerCount int
	Consumers              []string
}

// streams is all that is stored, by stream.
func (a *arena) streams(t *testing.T) map[string]stored {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	all := map[string]stored{}
	names := a.js.StreamNames(ctx)
	for name := range names.Name() {
		s, err := a.js.Stream(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Info(ctx, jetstream.WithSubjectFilter(">"))
		if err != nil {
			t.Fatal(err)
		}
		config, _ := json.Marshal(info.Config)
		st := info.State
		one := stored{
			Config: string(config), Subjects: fmt.Sprint(slices.Sorted(maps.Keys(st.Subjects))),
			Messages: st.Msgs, First: st.FirstSeq, Last: st.LastSeq, Bytes: st.Bytes, Deleted: st.NumDeleted, ConsumerCount: st.Consumers,
		}
		consumers := s.ConsumerNames(ctx)
		for c := range consumers.Name() {
			one.Consumers = append(one.Consumers, c)
		}
		slices.Sort(one.Consumers)
		all[name] = one
	}
	if err := names.Err(); err != nil || len(all) != 2 {
		t.Fatalf("streams %v, %v", slices.Collect(maps.Keys(all)), err)
	}
	return all
}

const recordStream = "HUISBOEK_AM36"

// unchanged holds what is stored against what it was, but for so many records.
func unchanged(t *testing.T, before, after map[string]stored, records uint64) {
	t.Helper()
	was, is := before[recordStream], after[recordStream]
	is.Messages, is.Last = is.Messages-records, is.Last-records
	if records > 0 {
		is.Bytes, is.Subjects = was.Bytes, was.Subjects
	}
	after[recordStream] = is
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("what is stored has changed:\n%s", diff)
	}
}

// unhindered sees the honest partner's next event recorded as its own, directly
// after the last one.
func (a *arena) unhindered(t *testing.T) {
	t.Helper()
	last := a.h.ledger.Position()
	r, err := tell(a.honest, a.event(t, sourceQ))
	if err != nil || r.Status != 0 || r.Position != last+1 {
		t.Fatalf("the honest partner is hindered: %+v after position %d, %v", r, last, err)
	}
	a.recordedAs(t, r.Position, a.q.Partner, sourceQ)
}

// recordedAs sees who said a record, and that no header of anybody's is stored.
func (a *arena) recordedAs(t *testing.T, at events.Position, partner, source string) {
	t.Helper()
	record, err := a.h.recordAt(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	if record.Partner != partner || record.Credential != a.h.accountsOf(partner)[0].Credential || record.Event.Source != source {
		t.Errorf("position %d is of %s, by %s, %s", at, record.Partner, record.Credential, record.Event.Source)
	}
	m, err := a.plain.GetMsg(recordStream, uint64(at)) // a direct get would add headers of its own
	if err != nil {
		t.Fatal(err)
	}
	for name := range m.Header {
		if name != jetstream.ExpectedLastSeqHeader {
			t.Errorf("position %d is stored with header %s", at, name)
		}
	}
}
