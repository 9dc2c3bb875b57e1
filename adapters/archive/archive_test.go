package archive_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/archive"
	"huisboek/events"
	"huisboek/ledger"
)

var noon = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

// records are the stored bytes of a book of n records.
func records(t testing.TB, n int) (all [][]byte) {
	t.Helper()
	const oin = "urn:nld:oin:00000099000000000000:systeem:huisboek"
	var previous events.Hash
	for i := range n {
		data := events.Data(&events.BookOpened{Book: book, Region: "AM36", OIN: "00000099000000000000"})
		if i > 0 {
			data = &events.PartnerDeparted{Partner: uuid.NewString(), From: "2026-11-22"}
		}
		e, err := events.NewEvent(oin, fmt.Sprint(i), noon, data)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := events.EncodeRecord(&events.Record{
			Book: book, Position: events.Position(i + 1), Previous: previous, At: noon, Partner: book, Credential: "boek", Door: "boek",
			Verdict: events.Verdict{Outcome: events.Free, Rules: 1, Today: "2026-11-22"}, Event: *e,
		})
		if err != nil {
			t.Fatal(err)
		}
		previous = events.HashOf(stored)
		all = append(all, stored)
	}
	return all
}

func manifest(all [][]byte) archive.Manifest {
	return archive.Manifest{
		Book: book, Region: "AM36", Incarnation: book, Position: events.Position(len(all)), Hash: events.HashOf(all[len(all)-1]), Key: 3, At: noon, Program: "proef",
	}
}

// write makes a records file of these.
func write(m archive.Manifest, all [][]byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, m)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{archive.PartBook, archive.PartAccess, archive.PartIntake} {
		if err := w.File(name, 3, strings.NewReader("abc")); err != nil {
			return nil, err
		}
	}
	for _, stored := range all {
		if err := w.Record(stored); err != nil {
			return nil, err
		}
	}
	_, err = w.Close()
	return out.Bytes(), err
}

func TestWriteAndRead(t *testing.T) {
	archive.SmallParts(t.Cleanup)
	all := records(t, 200)
	file, err := write(manifest(all), all)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]byte
	names := map[string]string{}
	m, err := archive.Read(bytes.NewReader(file), archive.Taker{
		File: func(name string, _ int64, r io.Reader) error {
			b, err := io.ReadAll(r)
			names[name] = string(b)
			return err
		},
		Record: func(_ *events.Record, stored []byte) error { got = append(got, stored); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(got, all, bytes.Equal) || names[archive.PartAccess] != "abc" || m.Position != 200 || m.Book != book {
		t.Errorf("%d records, %v, %+v", len(got), names, m)
	}
	if n := len(m.Parts); n < 6 || m.Parts[n-1].To != 200 || m.Parts[n-2].To+1 != m.Parts[n-1].From {
		t.Errorf("parts %+v", m.Parts)
	}
	stop := errors.New("genoeg")
	if _, err := archive.Read(bytes.NewReader(file), archive.Taker{Record: func(*events.Record, []byte) error { return stop }}); !errors.Is(err, stop) || errors.Is(err, archive.ErrDamaged) {
		t.Errorf("a taker that stops: %v", err)
	}
}

// TestWriterRefuses: what could not be put back is not written either.
func TestWriterRefuses(t *testing.T) {
	all := records(t, 5)
	other := records(t, 5)
	for name, c := range map[string]struct {
		all    [][]byte
		change func(*archive.Manifest)
		says   string
	}{
		"a record left out":      {[][]byte{all[0], all[2]}, nil, "position 2"},
		"another's second":       {[][]byte{all[0], other[1], all[2]}, nil, "chain is broken"},
		"no genesis":             {all[1:], nil, "position 1"},
		"another book's":         {all, func(m *archive.Manifest) { m.Book = uuid.NewString() }, "not of"},
		"an end that is missing": {all[:4], nil, "end at position 4"},
		"another tip":            {all, func(m *archive.Manifest) { m.Hash = events.Hash{1} }, "end at position 5"},
		"not a record":           {[][]byte{[]byte("{}")}, nil, "position 1"},
	} {
		m := manifest(all)
		if c.change != nil {
			c.change(&m)
		}
		if _, err := write(m, c.all); !errors.Is(err, archive.ErrDamaged) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := manifest(all)
	w, err := archive.NewWriter(io.Discard, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.File(archive.PartBook, 5, strings.NewReader("abc")); err == nil {
		t.Error("a part that is shorter than was said")
	}
}

// TestByHand: what LEESMIJ.txt tells a person to do does work, with nothing of ours.
func TestByHand(t *testing.T) {
	if os.Getenv("HUISBOEK_TOOLS") != "1" { // else a tool that is missing fails
		t.Skip("needs tar, gunzip, sha256sum and python3: runs with HUISBOEK_TOOLS=1, as make test does")
	}
	archive.SmallParts(t.Cleanup)
	all := records(t, 200)
	m := manifest(all)
	file, err := write(m, all)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "BESTAND"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(script string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "sh", "-e", "-c", script)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
		return string(out)
	}
	if out := run("tar xf BESTAND && sha256sum -c SHA256SUMS"); strings.Count(out, ": OK\n") != strings.Count(out, "\n") || !strings.Contains(out, "manifest.json: OK") {
		t.Error(out)
	}
	if n := strings.Count(run("cat records/*.jsonl.gz | gunzip"), "\n"); n != len(all) {
		t.Errorf("%d lines", n)
	}
	readme, err := os.ReadFile(filepath.Join(dir, "LEESMIJ.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, script, _ := strings.Cut(string(readme), "python3 -c '")
	script, _, _ = strings.Cut(script, "'\n\n")
	if got := strings.TrimSpace(run("python3 -c '" + script + "'")); got != m.Hash.String() {
		t.Errorf("the script in LEESMIJ.txt says %q, want %s", got, m.Hash)
	}
}

func keysOf(t testing.TB, head archive.KeysHead, all []archive.Key) ([]byte, error) {
	t.Helper()
	var out bytes.Buffer
	w, err := archive.NewKeysWriter(&out, head)
	if err != nil {
		return nil, err
	}
	for _, k := range all {
		if err := w.Add(k); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), w.Close()
}

func TestKeys(t *testing.T) {
	value := archive.Secret(bytes.Repeat([]byte{7}, ledger.KeySize))
	head := archive.KeysHead{Book: book, Incarnation: book, Position: 9, Key: 3, At: noon, Destroy: "2026-12-22", Secret: bytes.Repeat([]byte{1}, ledger.SecretSize)}
	all := []archive.Key{{ID: 1, Value: value}, {ID: 2, Erased: 7}, {ID: 3, Value: value}}
	var out bytes.Buffer
	w, err := archive.NewKeysWriter(&out, head)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range all {
		if err := w.Add(k); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sound := out.Bytes()
	var got []archive.Key
	read := func(b []byte) (*archive.KeysHead, error) {
		got = nil
		return archive.ReadKeys(bytes.NewReader(b), func(k archive.Key) error { got = append(got, k); return nil })
	}
	h, err := read(sound)
	if err != nil || h.Destroy != "2026-12-22" || len(got) != 3 || got[1].Erased != 7 || !bytes.Equal(got[2].Value, value) {
		t.Fatalf("%+v %+v %v", h, got, err)
	}
	for bit := range 8 * len(sound) { // every single one
		b := slices.Clone(sound)
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := read(b); err == nil {
			t.Errorf("bit %d of byte %d (%q) flipped: not found", bit%8, bit/8, sound[bit/8])
		}
	}
	for n := range sound {
		if _, err := read(sound[:n]); !errors.Is(err, archive.ErrKeys) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	if _, err := read(append(slices.Clone(sound), '\n')); !errors.Is(err, archive.ErrKeys) {
		t.Errorf("something behind it: %v", err)
	}
	if h, err := archive.ReadKeysHead(bytes.NewReader(sound[:len(sound)/2])); err != nil || h.Book != book {
		t.Errorf("its head: %+v %v", h, err)
	}
	for name, wrong := range map[string][]archive.Key{"a gap": {all[0], all[2]}, "an end that is missing": all[:2]} {
		if _, err := keysOf(t, head, wrong); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
