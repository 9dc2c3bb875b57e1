package events

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// FuzzDecode: whatever comes in, Decode gives an event or faults; what it takes
// is the same event again from its canonical form.
func FuzzDecode(f *testing.F) {
	for _, path := range globs(f, "testdata/frozen/*/*.submission.json", "testdata/broken/*.json") {
		if b := readSeed(f, path); len(b) < 1<<13 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Decode(raw, testNow)
		checkDecoded(t, e, err)
	})
}

// FuzzDecodeBinary: the same from headers; each pair of lines is a name and a value.
func FuzzDecodeBinary(f *testing.F) {
	head := "specversion\n1.0\nid\n%61\nsource\n" + testSource + "\ntype\n" + string(TypeVisitCalledOff) + "\n"
	f.Add(head+"achteraf\ntrue\n", "", []byte(`{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"}`))
	f.Add(head+"extra\n\"a \\\" b\"\n", "application/json; charset=utf-8", []byte(`{"reden":"x"},"y":{}`))
	f.Add("data\n%ff\n\n\n", "text/html", []byte(nil))
	f.Fuzz(func(t *testing.T, headers, contentType string, body []byte) {
		lines := bytes.Split([]byte(headers), []byte("\n"))
		attributes := make(map[string]string)
		for i := 0; i+1 < len(lines); i += 2 {
			attributes[string(lines[i])] = string(lines[i+1])
		}
		e, err := DecodeBinary(attributes, contentType, body, testNow)
		checkDecoded(t, e, err)
	})
}

func checkDecoded(t *testing.T, e *Event, err error) {
	t.Helper()
	if err != nil {
		var faults Faults
		if !errors.As(err, &faults) || len(faults) == 0 || len(faults) > maxFaults || e != nil {
			t.Fatalf("not faults: %v", err)
		}
		for _, f := range faults {
			if _, ok := sentences[code(f.Code)]; !ok {
				t.Fatalf("no sentence for %q", f.Code)
			}
			if _, bsn := HasBSN(f.Field); bsn {
				t.Fatalf("a field tells a number: %s", f.Code)
			}
		}
		return
	}
	again, err := Decode(e.Canonical(), testNow)
	if err != nil {
		t.Fatalf("the canonical form is refused: %v\n%s", err, e.Canonical())
	}
	if !bytes.Equal(again.Canonical(), e.Canonical()) {
		t.Fatalf("canonical twice:\n%s\n%s", e.Canonical(), again.Canonical())
	}
	sealed, err := e.WithSeals(testSeals(e))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := EncodeRecord(&Record{Event: *sealed, At: testNow})
	if err != nil {
		t.Fatal(err)
	}
	r, err := DecodeRecord(stored)
	if err != nil {
		t.Fatalf("%v in %s", err, stored)
	}
	if _, plan := e.Data.(*VisitPlanned); plan {
		checkRefused(t, e)
	}
	if !bytes.Equal(r.Event.Canonical(), sealed.Canonical()) || len(r.Event.spans) != len(e.spans) {
		t.Fatalf("stored and read:\n%s\n%s", r.Event.Canonical(), sealed.Canonical())
	}
}

// FuzzDecodeRecord: whatever lies in the stream, DecodeRecord gives a record or
// an error, and a record can be walked through.
func FuzzDecodeRecord(f *testing.F) {
	for _, path := range globs(f, "testdata/frozen/*/*.record.json") {
		f.Add(bytes.TrimSuffix(readSeed(f, path), []byte("\n")))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		r, err := DecodeRecord(stored)
		if err != nil {
			if r != nil || !errors.Is(err, errNotRecord) && !errors.Is(err, ErrVersion) {
				t.Fatal(err)
			}
			return
		}
		if r.Hash != HashOf(stored) {
			t.Fatal("hash")
		}
		for _, m := range r.Event.PersonalMembers() {
			if m.Seal == nil {
				t.Fatalf("%s in the clear", m.Path)
			}
		}
		if got := r.Event.Splice(nil); !bytes.Equal(got, r.Event.Canonical()) {
			t.Fatal("spliced with nothing")
		}
		r.Target()
		r.Root()
		r.Confirms()
		r.Pair()
	})
}

func globs(f *testing.F, patterns ...string) []string {
	var all []string
	for _, p := range patterns {
		files, err := filepath.Glob(p)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds %s: %v", p, err)
		}
		all = append(all, files...)
	}
	return all
}

func readSeed(f *testing.F, path string) []byte {
	f.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return b
}
