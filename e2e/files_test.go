package e2e_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

// The streams of the region that these tests are about.
const (
	recordStream = "HUISBOEK_AM36"
	keyStream    = "HUISBOEK_AM36_SLEUTELS"
)

func readText(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// streamDir is the folder of a stream's files: there is one account.
func streamDir(t *testing.T, data, stream string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(data, "nats", "jetstream", "*", "streams", stream))
	if err != nil || len(found) != 1 {
		t.Fatalf("folders of %s in %s: %v %v", stream, data, found, err)
	}
	return found[0]
}

// blocks are the block files of a stream, in order.
func blocks(t *testing.T, data, stream string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(streamDir(t, data, stream), "msgs", "*.blk"))
	if err != nil {
		t.Fatal(err)
	}
	number := func(path string) int {
		n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(path), ".blk"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	slices.SortFunc(found, func(a, b string) int { return number(a) - number(b) })
	return found
}

// A message in a block file of nats-server: length (with a bit for headers),
// sequence (with bits for what was deleted), time, length of the subject, the
// subject, the headers after their length, the data, a checksum.
const (
	blockHead    = 22
	blockSum     = 8
	withHeaders  = 1 << 31
	deletedMarks = 1<<63 | 1<<62
)

// messages reads the messages that are left in a stream, by sequence, without
// the server. A message that was not written whole ends the last block.
func messages(t *testing.T, data, stream string) map[uint64][]byte {
	t.Helper()
	all := map[uint64][]byte{}
	for _, path := range blocks(t, data, stream) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for len(b) >= blockHead {
			length := binary.LittleEndian.Uint32(b)
			n := int(length &^ withHeaders)
			if n < blockHead+blockSum || n > len(b) {
				break
			}
			seq := binary.LittleEndian.Uint64(b[4:])
			from := blockHead + int(binary.LittleEndian.Uint16(b[20:]))
			if length&withHeaders != 0 && from+4 <= n {
				from += 4 + int(binary.LittleEndian.Uint32(b[from:]))
			}
			if from > n-blockSum {
				break // torn
			}
			content := b[from : n-blockSum]
			if seq&deletedMarks == 0 {
				all[seq] = content
			} else {
				delete(all, seq&^deletedMarks)
			}
			b = b[n:]
		}
	}
	return all
}

// record is the part of a stored record that the tests judge.
type record struct {
	Position uint64 `json:"positie"`
	Previous string `json:"vorige"`
	Book     string `json:"boek"`
	Event    object `json:"gebeurtenis"`
	Verdict  struct {
		Outcome string   `json:"uitkomst"`
		Reasons []string `json:"redenen"`
	} `json:"oordeel"`
	hash string
}

// chain reads the records of a stream in order and checks the chain with nothing
// but a JSON parser and SHA-256. known are hashes that were read before and must
// not have changed; the records after those are given.
func chain(t *testing.T, data string, known []string) []record {
	t.Helper()
	return chainUntil(t, data, known, math.MaxUint64)
}

// chainUntil is chain for a stream whose end may be torn: what cannot be read behind
// the last position that is sure to be there ends it.
func chainUntil(t *testing.T, data string, known []string, sure uint64) []record {
	t.Helper()
	stored := messages(t, data, recordStream)
	var fresh []record
	previous := base64.RawURLEncoding.EncodeToString(make([]byte, sha256.Size))
	for at := uint64(1); ; at++ {
		text, ok := stored[at]
		if !ok {
			if int(at)-1 != len(stored) && at <= sure {
				t.Fatalf("position %d is missing among %d records", at, len(stored))
			}
			if int(at)-1 < len(known) {
				t.Fatalf("the stream ends at %d, and had %d records", at-1, len(known))
			}
			return fresh
		}
		sum := sha256.Sum256(text)
		hash := base64.RawURLEncoding.EncodeToString(sum[:])
		if int(at) <= len(known) {
			if known[at-1] != hash {
				t.Fatalf("the record at position %d is not what it was", at)
			}
			previous = hash
			continue
		}
		r := record{hash: hash}
		err := json.Unmarshal(text, &r)
		if at > sure && (err != nil || r.Position != at || r.Previous != previous) {
			return fresh
		}
		if err != nil {
			t.Fatalf("position %d: %v", at, err)
		}
		if r.Position != at || r.Previous != previous {
			t.Fatalf("the record at %d says position %d after %s, and the one before has %s", at, r.Position, r.Previous, previous)
		}
		previous = hash
		fresh = append(fresh, r)
	}
}

// checkpoint is how far the one fold in a bbolt file has come, read without the
// program: position and hash. Zero when the file has none yet.
func checkpoint(t *testing.T, path string) (position uint64, hash string) {
	t.Helper()
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return 0, ""
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			if v := b.Get([]byte("checkpoint")); len(v) == 8+sha256.Size {
				position, hash = binary.BigEndian.Uint64(v), base64.RawURLEncoding.EncodeToString(v[8:])
			}
			return nil
		})
	})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return position, hash
}

// copyTree copies a folder.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is no file", path)
		}
		return copyFile(path, target)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// eachFile gives every file below a folder. A file that goes while it is looked
// for is no error: the server may be running.
func eachFile(t *testing.T, dir string, fn func(path string, content []byte)) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil
		}
		files++
		fn(path, b)
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files below %s: %v", files, dir, err)
	}
}

// contains reports which of the needles is in a text, "" for none.
func contains(text []byte, needles map[string][]byte) string {
	for name, needle := range needles {
		if bytes.Contains(text, needle) {
			return name
		}
	}
	return ""
}
