package natsstream

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"huisboek/adapters/natsserver"
)

// A reader that could not be opened anew, because the book is closing, can be closed.
func TestReaderClosedTwice(t *testing.T) {
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	srv, err := natsserver.Start(natsserver.Config{Dir: t.TempDir(), Ledger: seed, MaxStore: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Shutdown)
	nc, err := srv.Connect(natsserver.User{Name: "proef", Publish: []string{">"}, Subscribe: []string{">"}})
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "PROEF", Subjects: []string{"proef.>"}, MaxBytes: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	r, err := (&log{stream: s, gate: new(Gate), name: "PROEF"}).read(ctx, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := r.reopen(ctx); err == nil {
		t.Error("opened")
	}
	r.close()
}
