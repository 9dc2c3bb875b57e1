package natsstream_test

import (
	"os"
	"path/filepath"
	"testing"

	"huisboek/adapters/natsstream"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
)

// TestUnopenedStreamStays: a stream that the server cannot open it removes, with all
// that is in it. It must be there again when what hindered the server is gone.
func TestUnopenedStreamStays(t *testing.T) {
	for _, name := range []string{natsstream.StreamName(natstest.Region), natsstream.KeyStreamName(natstest.Region)} {
		t.Run(name, func(t *testing.T) {
			e := natstest.Start(t)
			for i := range 10 {
				if _, err := e.Keys.Append(t.Context(), make([][ledger.KeySize]byte, 20)); err != nil {
					t.Fatal(err)
				}
				if err := e.Stream.Append(t.Context(), events.Position(i), []ledger.Message{{Name: "proef", Data: []byte("{}")}}); err != nil {
					t.Fatal(err)
				}
			}
			e.Stop()
			hindrance := filepath.Join(e.StreamDir(name), "obs")
			if err := os.RemoveAll(hindrance); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(hindrance, nil, 0o600); err != nil { // where it wants a folder
				t.Fatal(err)
			}
			if err := e.Open(); err == nil {
				t.Error("it was opened all the same")
			} else {
				t.Log(err)
			}
			e.Stop()
			if len(e.Files(name)) == 0 {
				t.Error("its messages are gone")
			}
			if err := os.Remove(hindrance); err != nil && !os.IsNotExist(err) {
				t.Fatal(err)
			}
			e.Start()
			last, err := e.Stream.Last(t.Context())
			if err != nil || last != 10 {
				t.Errorf("%d records: %v", last, err)
			}
			keys, err := e.Keys.Last(t.Context())
			if err != nil || keys != 200 {
				t.Errorf("%d keys: %v", keys, err)
			}
		})
	}
}
