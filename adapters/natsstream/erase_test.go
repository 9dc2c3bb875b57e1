package natsstream_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"huisboek/adapters/natsstream"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

// holding lists the files under a folder that hold one of the keys, or a half of it.
func holding(t *testing.T, dir string, keys ...[ledger.KeySize]byte) (files []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		for _, k := range keys {
			if bytes.Contains(content, k[:32]) || bytes.Contains(content, k[32:]) {
				files = append(files, path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// An erased key is in no file: at once, after a stop, a start, a kill.
func TestEraseLeavesNoByte(t *testing.T) {
	e := natstest.New(t)
	e.MaxBytes = 31 << 20 // blocks of 4 MB: keys in a closed block and in the last
	e.Start()
	keys := ledgertest.RandomKeys(50_000)
	for at := 0; at < len(keys); at += natsstream.MaxBatch {
		if _, err := e.Keys.Append(t.Context(), keys[at:at+natsstream.MaxBatch]); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(e.Files("HUISBOEK_AM36_SLEUTELS")); n < 2 {
		t.Fatalf("%d blocks, want several", n)
	}
	ids := []events.KeyID{1, 777, 20_000, 49_999, 50_000}
	var erased [][ledger.KeySize]byte
	known := map[events.KeyID]bool{}
	for _, id := range ids {
		erased = append(erased, keys[id-1])
		known[id] = true
	}
	if len(holding(t, e.Dir, erased...)) < len(ids) {
		t.Fatal("the keys are not found before they are erased: the search is no good")
	}
	if err := e.Keys.Erase(t.Context(), ids); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"at once", func() {}},
		{"after a restart", e.Restart},
		{"after a stop", e.Stop},
		{"after a start", e.Start},
		{"after a kill", func() { e.Kill(); e.Start() }},
	} {
		step.do()
		if found := holding(t, e.Dir, erased...); found != nil {
			t.Errorf("%s: erased keys in %v", step.name, found)
		}
	}
	if err := e.Keys.Check(t.Context(), 50_000, known); err != nil {
		t.Error(err)
	}
	if last, err := e.Keys.Last(t.Context()); err != nil || last != 50_000 {
		t.Errorf("last is %d, %v: an id would be given out again", last, err)
	}
}

// Erase looks for itself: bytes that are left somewhere are an error.
func TestEraseFindsWhatIsLeft(t *testing.T) {
	keys := ledgertest.RandomKeys(3)
	left := map[string]func(*testing.T, *natstest.Env){
		"a copy of a half": func(t *testing.T, e *natstest.Env) {
			name := filepath.Join(e.StreamDir("HUISBOEK_AM36_SLEUTELS"), "msgs", "oud.blk")
			content := append(make([]byte, 1<<20-7), keys[1][32:]...) // over the edge of a piece
			if err := os.WriteFile(name, content, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"an open batch": func(t *testing.T, e *natstest.Env) {
			m := &nats.Msg{Subject: "sleutels.AM36", Data: keys[1][:], Header: nats.Header{"Nats-Batch-Id": {"open"}, "Nats-Batch-Sequence": {"1"}}}
			if _, err := e.Conn.RequestMsg(m, nats.DefaultTimeout); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, leave := range left {
		t.Run(name, func(t *testing.T) {
			e := natstest.Start(t)
			if _, err := e.Keys.Append(t.Context(), keys); err != nil {
				t.Fatal(err)
			}
			leave(t, e)
			if err := e.Keys.Erase(t.Context(), []events.KeyID{2}); err == nil || !strings.Contains(err.Error(), "is still in") {
				t.Errorf("Erase: %v", err)
			}
		})
	}
}

// The server calls a key that it cannot read missing; its bytes are there.
func TestEraseDoesNotTakeDamageForErasure(t *testing.T) {
	e := natstest.Start(t)
	keys := ledgertest.RandomKeys(3)
	if _, err := e.Keys.Append(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	e.Stop()
	block := e.Files("HUISBOEK_AM36_SLEUTELS")[0]
	content, err := os.ReadFile(block)
	if err != nil {
		t.Fatal(err)
	}
	content[bytes.Index(content, keys[1][:])+60] ^= 1
	if err := os.WriteFile(block, content, 0o600); err != nil {
		t.Fatal(err)
	}
	e.Start()
	if err := e.Keys.Erase(t.Context(), []events.KeyID{2}); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("Erase: %v, want ErrDamaged", err)
	}
	if err := e.Keys.Erase(t.Context(), []events.KeyID{1, 1 << 40}); err != nil {
		t.Errorf("Erase of another, and of one that never was: %v", err)
	}
}

func TestEraseWithoutFilesIsNoErasure(t *testing.T) {
	e := natstest.Start(t)
	if _, err := e.Keys.Append(t.Context(), ledgertest.RandomKeys(3)); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(e.StreamDir("HUISBOEK_AM36_SLEUTELS"), filepath.Join(t.TempDir(), "elders")); err != nil {
		t.Fatal(err)
	}
	if err := e.Keys.Erase(t.Context(), []events.KeyID{2}); err == nil {
		t.Error("an erasure was reported that could not be seen")
	}
}

// What is erased while many keys are read hinders neither: not either when it is the last
// of all, to which the reading goes.
func TestReadWhileErasing(t *testing.T) {
	e := natstest.Start(t)
	const all = 10_000
	for range all / 1_000 {
		if _, err := e.Keys.Append(t.Context(), ledgertest.RandomKeys(1_000)); err != nil {
			t.Fatal(err)
		}
	}
	gone := []events.KeyID{5, 4_096, 4_097, 9_999, all}
	ids := make([]events.KeyID, all)
	for i := range ids {
		ids[i] = events.KeyID(i) + 1
	}
	var got []events.KeyID
	erased := make(chan error, 1)
	if err := e.Keys.Read(t.Context(), ids, func(id events.KeyID, _ [ledger.KeySize]byte) error {
		if len(got) == 0 {
			go func() { erased <- e.Keys.Erase(t.Context(), gone) }()
		}
		got = append(got, id)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	isGone := func(id events.KeyID) bool { return slices.Contains(gone, id) }
	if left := slices.DeleteFunc(got, isGone); !slices.IsSorted(left) || len(left) != all-len(gone) {
		t.Errorf("%d keys that were not erased, want %d, in order", len(left), all-len(gone))
	}
	got = got[:0]
	if err := e.Keys.Read(t.Context(), ids, func(id events.KeyID, _ [ledger.KeySize]byte) error {
		got = append(got, id)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(got, isGone) || len(got) != all-len(gone) {
		t.Errorf("after it: %d keys, %v among them", len(got), gone)
	}
}

func TestKeysCheck(t *testing.T) {
	e := natstest.Start(t)
	if err := e.Keys.Check(t.Context(), 0, nil); err != nil {
		t.Errorf("no keys: %v", err)
	}
	keys := ledgertest.RandomKeys(1000)
	if _, err := e.Keys.Append(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
	if err := e.Keys.Erase(t.Context(), []events.KeyID{10, 999, 1000}); err != nil {
		t.Fatal(err)
	}
	e.Restart()
	n := 0
	err := e.Keys.ReadAll(t.Context(), 500, func(id events.KeyID, key [ledger.KeySize]byte) error {
		n++
		if key != keys[id-1] {
			t.Fatalf("key %d is another", id)
		}
		return nil
	})
	if err != nil || n != 499 {
		t.Errorf("ReadAll from 500: %d keys, %v", n, err)
	}
	if _, err := e.Keys.Get(t.Context(), 10); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("before Check: %v", err)
	}
	tests := []struct {
		highest events.KeyID
		erased  []events.KeyID
		want    string
	}{
		{1001, nil, "ends at key 1000, and the book uses key 1001"},
		{1000, nil, "position 10: the key is missing"},
		{1000, []events.KeyID{10}, "position 999: the key is missing"},
		{1000, []events.KeyID{10, 999}, "position 1000: the key is missing"},
		{1000, []events.KeyID{10, 999, 1000}, ""},
	}
	for _, tt := range tests {
		erased := map[events.KeyID]bool{}
		for _, id := range tt.erased {
			erased[id] = true
		}
		err := e.Keys.Check(t.Context(), tt.highest, erased)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("erased %v: %v", tt.erased, err)
		case tt.want != "" && (!errors.Is(err, ledger.ErrDamaged) || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("erased %v: %v, want %q", tt.erased, err, tt.want)
		}
	}
	if _, err := e.Keys.Get(t.Context(), 10); !errors.Is(err, ledger.ErrErased) {
		t.Errorf("after Check: %v", err)
	}
}

// Why JetStreamKey is never set. With it the server says that it erased a
// message and leaves every byte of it where it was; who has the key of the
// store can read it again.
func TestEncryptionAtRestWouldKeepErasedKeys(t *testing.T) {
	dir := t.TempDir()
	for _, key := range []string{"", "geheim"} {
		s, err := server.NewServer(&server.Options{
			DontListen: true, NoSigs: true, JetStream: true, SyncAlways: true, StoreDir: filepath.Join(dir, "met"+key),
			JetStreamKey: key, JetStreamCipher: server.AES,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		nc, err := nats.Connect("", nats.InProcessServer(s))
		if err != nil {
			t.Fatal(err)
		}
		before, after := eraseOne(t, nc, s.StoreDir())
		if untouched := bytes.HasPrefix(after, before); untouched != (key != "") {
			t.Errorf("with key %q the erased message is untouched: %v; the server changed, look at docs/design.md, promise 1", key, untouched)
		}
		nc.Close()
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// eraseOne stores some messages, erases one, and gives the block before and after.
func eraseOne(t *testing.T, nc *nats.Conn, dir string) (before, after []byte) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "PROEF", Subjects: []string{"proef"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range ledgertest.RandomKeys(100) {
		if _, err := js.Publish(t.Context(), "proef", k[:]); err != nil {
			t.Fatal(err)
		}
	}
	read := func() []byte {
		blocks, err := filepath.Glob(filepath.Join(dir, "*", "streams", "PROEF", "msgs", "*.blk"))
		if err != nil || len(blocks) != 1 {
			t.Fatalf("blocks %v, %v", blocks, err)
		}
		content, err := os.ReadFile(blocks[0])
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	before = read()
	if err := s.SecureDeleteMsg(t.Context(), 50); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GetMsg(t.Context(), 50); !errors.Is(err, jetstream.ErrMsgNotFound) {
		t.Fatalf("the server does not call it erased: %v", err)
	}
	return before, read()
}
