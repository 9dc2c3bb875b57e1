package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/events"
	"huisboek/ledger"
)

// KeyDays is how long a keys file may be kept: whoever was erased is in an older one.
const KeyDays = 30

// KeysHead says what a keys file is of.
type KeysHead struct {
	Format      int             `json:"formaat"`
	Book        string          `json:"boek"`
	Incarnation string          `json:"uitvoering"`
	Position    events.Position `json:"positie"` // of the backup it was made with
	Key         events.KeyID    `json:"sleutel"` // the highest id in it
	At          time.Time       `json:"op"`
	Destroy     events.Date     `json:"vernietigenNa"` // the last day on which it may be kept
	Secret      Secret          `json:"geheim"`
}

// Secret is a book's secret, or a key, as text.
type Secret []byte

// MarshalText implements encoding.TextMarshaler.
func (s Secret) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, s), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Secret) UnmarshalText(text []byte) (err error) {
	*s, err = base64.RawURLEncoding.Strict().AppendDecode(nil, text)
	return err
}

// Key is one key that was ever given out: its value, or what erased it.
type Key struct {
	ID     events.KeyID    `json:"sleutel"`
	Value  Secret          `json:"waarde,omitzero"`
	Erased events.Position `json:"gewist,omitzero"` // the position of gegevens-gewist
}

// keysEnd is the last line.
type keysEnd struct {
	Keys int    `json:"aantal"`
	Sum  string `json:"sha256"` // of everything before this line
}

// KeysWriter writes a keys file.
type KeysWriter struct {
	w    *bufio.Writer
	sum  hash.Hash
	head KeysHead
	last events.KeyID
}

// NewKeysWriter begins a file; head.Key is the highest id that will follow.
func NewKeysWriter(w io.Writer, head KeysHead) (*KeysWriter, error) {
	head.Format = Format
	k := &KeysWriter{sum: sha256.New(), head: head}
	k.w = bufio.NewWriterSize(w, 1<<20)
	return k, k.line(&head)
}

func (k *KeysWriter) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	k.sum.Write(b)
	_, err = k.w.Write(b)
	return err
}

// Add adds the key with the next id.
func (k *KeysWriter) Add(key Key) error {
	if key.ID != k.last+1 {
		return fmt.Errorf("key %d after key %d", key.ID, k.last)
	}
	k.last = key.ID
	return k.line(&key)
}

// Close ends the file.
func (k *KeysWriter) Close() error {
	if k.last != k.head.Key {
		return fmt.Errorf("%w: the keys end at %d, and not at %d", ledger.ErrDamaged, k.last, k.head.Key)
	}
	if err := k.line(&keysEnd{int(k.last), hex.EncodeToString(k.sum.Sum(nil))}); err != nil {
		return err
	}
	return k.w.Flush()
}

// ErrKeys: the keys file is not what was written, or not all of it.
var ErrKeys = errors.New("keys file is damaged")

func keysDamaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrKeys}, args...)...)
}

// ReadKeysHead reads the first line only.
func ReadKeysHead(r io.Reader) (*KeysHead, error) {
	head, _, err := readHead(bufio.NewReader(io.LimitReader(r, 4<<10)))
	return head, err
}

func readHead(in *bufio.Reader) (*KeysHead, []byte, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return nil, nil, keysDamaged("it breaks off in its first line")
	}
	head := new(KeysHead)
	if err := json.Unmarshal(line, head, json.RejectUnknownMembers(true)); err != nil {
		return nil, nil, keysDamaged("its first line: %w", err)
	}
	if head.Format != Format {
		return nil, nil, fmt.Errorf("a keys file of format %d, and this program knows %d", head.Format, Format)
	}
	if len(head.Secret) != ledger.SecretSize {
		return nil, nil, keysDamaged("a secret of %d bytes", len(head.Secret))
	}
	return head, line, nil
}

// ReadKeys reads a keys file to its end and gives each key in order. What it gave out
// is worth nothing when it returns an error; of the file, that wraps ErrKeys.
func ReadKeys(r io.Reader, fn func(Key) error) (*KeysHead, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, line, err := readHead(in)
	if err != nil {
		return nil, err
	}
	sum := sha256.New()
	sum.Write(line)
	for want := events.KeyID(1); want <= head.Key; want++ {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return nil, keysDamaged("it breaks off at key %d of %d", want, head.Key)
		}
		sum.Write(line)
		var k Key
		switch err := json.Unmarshal(line, &k, json.RejectUnknownMembers(true)); {
		case err != nil:
			return nil, keysDamaged("key %d: %w", want, err)
		case k.ID != want, (k.Erased == 0) != (len(k.Value) == ledger.KeySize), k.Erased != 0 && len(k.Value) != 0:
			return nil, keysDamaged("key %d is neither a key nor an erased one", want)
		}
		if fn != nil {
			if err := fn(k); err != nil {
				return nil, err
			}
		}
	}
	return head, readEnd(in, head, hex.EncodeToString(sum.Sum(nil)))
}

func readEnd(in *bufio.Reader, head *KeysHead, sum string) error {
	want, err := json.Marshal(&keysEnd{int(head.Key), sum})
	if err != nil {
		return err
	}
	line, err := in.ReadSlice('\n')
	switch {
	case err != nil:
		return keysDamaged("it breaks off at its end")
	case string(line) != string(want)+"\n":
		return keysDamaged("its last line says another sum than its keys have")
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return keysDamaged("something stands behind its last line")
	}
	return nil
}
