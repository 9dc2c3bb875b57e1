package ledger

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"sync"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// SecretSize is the length of a book's secret in bytes.
const SecretSize = 32

// The secret serves more than one end; each has a key of its own (RFC 5869).
const (
	forMark    = "huisboek kenmerk v1"
	forSubject = "huisboek onderwerp v1"
	// ForAccess is the purpose under which a book's secret guards its access file.
	ForAccess = "huisboek toegang v1"
	// ForReadLog is the purpose under which a book's secret numbers those who were
	// looked at.
	ForReadLog = "huisboek inzage v1"
)

// DeriveKey draws the key for one purpose from a book's secret.
func DeriveKey(secret [SecretSize]byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, secret[:], nil, purpose, 32)
	if err != nil {
		panic(err) // only for lengths that no caller can give
	}
	return key
}

// additional binds a seal to its place: moved elsewhere it does not open.
func additional(book, source, id, path string) []byte {
	b, err := json.Marshal([]string{book, path, source, id})
	if err != nil {
		panic(err) // four strings that events has checked for UTF-8
	}
	return b
}

// sealHalf is how much of a key seals; the rest is for the kenmerk.
const sealHalf = KeySize / 2

func aead(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealStep hides how long a name or a number is, also after its key is gone:
// what is sealed is filled up with spaces to a multiple of so many bytes. Canonical
// JSON never ends in one, so they come off again without doubt.
const sealStep = 32

// sealMember makes AES-256-GCM ciphertext under a fresh nonce.
func sealMember(gcm cipher.AEAD, id events.KeyID, aad, plain []byte) events.Seal {
	filled := (len(plain) + sealStep - 1) / sealStep * sealStep
	text := append(make([]byte, 0, filled), plain...)
	for len(text) < filled {
		text = append(text, ' ')
	}
	nonce := make([]byte, gcm.NonceSize(), gcm.NonceSize()+filled+gcm.Overhead())
	rand.Read(nonce)
	return events.Seal{Key: id, Text: base64.RawURLEncoding.EncodeToString(gcm.Seal(nonce, nonce, text, aad))}
}

// unseal gives a member back as canonical JSON, or ErrErased when its key is gone.
func (k *keyring) unseal(ctx context.Context, book, source, id, path string, s events.Seal) ([]byte, error) {
	key, err := k.get(ctx, s.Key)
	if err != nil {
		return nil, err
	}
	gcm, err := aead(key[:sealHalf])
	if err != nil {
		return nil, err
	}
	return openSeal(gcm, book, source, id, path, s)
}

// openSeal gives what was sealed, as canonical JSON.
func openSeal(gcm cipher.AEAD, book, source, id, path string, s events.Seal) ([]byte, error) {
	text, err := base64.RawURLEncoding.DecodeString(s.Text)
	if err != nil {
		return nil, fmt.Errorf("%w: seal of %s: %w", ErrDamaged, path, err)
	}
	if len(text) < gcm.NonceSize() {
		return nil, fmt.Errorf("%w: seal of %s is too short", ErrDamaged, path)
	}
	n := gcm.NonceSize()
	plain, err := gcm.Open(nil, text[:n], text[n:], additional(book, source, id, path))
	if err != nil {
		return nil, fmt.Errorf("%w: seal of %s with key %d does not open: the key stream is not this book's, or was altered", ErrDamaged, path, s.Key)
	}
	return bytes.TrimRight(plain, " "), nil
}

// memberMark stands for a sealed member in what the kenmerk is made over: under
// the member's own seal key, so that erasing the key erases the guess as well.
func memberMark(key seal, plain []byte) []byte {
	m := hmac.New(sha256.New, key[32:])
	m.Write(plain)
	var sum [sha256.Size]byte
	b := append(make([]byte, 0, 2+base64.RawURLEncoding.EncodedLen(len(sum))), '"')
	return append(base64.RawURLEncoding.AppendEncode(b, m.Sum(sum[:0])), '"')
}

// mac is an HMAC-SHA-256 under one key that is used all the time.
type mac struct{ under sync.Pool }

func newMAC(key []byte) *mac {
	return &mac{sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (m *mac) sum(parts ...[]byte) (sum [sha256.Size]byte) {
	h := m.under.Get().(hash.Hash)
	defer m.under.Put(h)
	h.Reset()
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}

// mark is the kenmerk: an HMAC under the book's key over the canonical event in
// which every personal member is replaced by its own HMAC.
func mark(under *mac, e *events.Event, members map[string][]byte) events.Hash {
	if members == nil {
		return under.sum(e.Canonical())
	}
	return under.sum(e.Splice(members))
}

// sealedEvent is an event as it will be stored.
type sealedEvent struct {
	event *events.Event
	mark  events.Hash
	keys  []events.KeyID
}

// toSeal are the personal members of an event, with the subject of each; a free text
// has none.
type toSeal struct {
	members  []events.Member
	subjects []subjectID
}

func (l *Ledger) toSeal(e *events.Event, partner string) (w toSeal, err error) {
	if w.members = e.PersonalMembers(); len(w.members) == 0 {
		return w, nil
	}
	w.subjects = make([]subjectID, len(w.members))
	for i, m := range w.members {
		if m.Kind == events.TextMember {
			continue
		}
		if w.subjects[i], err = l.keys.subjectOfPlain(partner, e.Data, m); err != nil {
			return w, err
		}
	}
	return w, nil
}

// seal replaces every personal member. The key of a person, card or list of
// contacts is the one in use for it; a free text gets a key of its own.
func (l *Ledger) seal(ctx context.Context, e *events.Event, w toSeal) (sealedEvent, error) {
	out := sealedEvent{event: e}
	if len(w.members) == 0 {
		out.mark = mark(l.markKey, e, nil)
		return out, nil
	}
	seals := make(map[string]events.Seal, len(w.members))
	marks := make(map[string][]byte, len(w.members))
	for i, m := range w.members {
		id, key, err := l.keyFor(ctx, m, w.subjects[i])
		if err != nil {
			return out, err
		}
		gcm, err := l.keys.cipher(id, key, m.Kind != events.TextMember)
		if err != nil {
			return out, err
		}
		seals[m.Path] = sealMember(gcm, id, additional(l.book, e.Source, e.ID, m.Path), m.Value)
		marks[m.Path] = memberMark(key, m.Value)
		out.keys = append(out.keys, id)
	}
	var err error
	out.mark = mark(l.markKey, e, marks)
	out.event, err = e.WithSeals(seals)
	return out, err
}

func (l *Ledger) keyFor(ctx context.Context, m events.Member, of subjectID) (events.KeyID, seal, error) {
	if m.Kind == events.TextMember {
		return l.keys.draw(ctx)
	}
	return l.keys.forSubject(ctx, of, l.knownKey)
}

// knownKey is the key in use for a subject by the book, or 0.
func (l *Ledger) knownKey(s subjectID) (id events.KeyID, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		for _, k := range keysOf(tx, s) {
			id = k // the last one drawn
		}
		return nil
	})
	return id, err
}

// sameContent compares a repeated event with the record of its first coming. A
// member whose key was erased counts as the same: nobody can tell any more.
func (l *Ledger) sameContent(ctx context.Context, e *events.Event, r *events.Record) (bool, error) {
	stored := map[string]events.Seal{}
	for _, m := range r.Event.PersonalMembers() {
		if m.Seal != nil {
			stored[m.Path] = *m.Seal
		}
	}
	members := e.PersonalMembers()
	if len(members) != len(stored) {
		return false, nil
	}
	marks, seals := map[string][]byte{}, map[string]events.Seal{}
	erased := false
	for _, m := range members {
		s, ok := stored[m.Path]
		if !ok {
			return false, nil
		}
		seals[m.Path] = s
		key, err := l.keys.get(ctx, s.Key)
		switch {
		case err == nil:
			marks[m.Path] = memberMark(key, m.Value)
		case isErasedErr(err):
			erased = true
		default:
			return false, err
		}
	}
	if !erased {
		return mark(l.markKey, e, marks) == r.Mark, nil
	}
	return l.sameBesidesErased(ctx, e, r, members, seals)
}

// sameBesidesErased is for a record of which a key is gone, so that its kenmerk
// cannot be made again: the rest is compared as it stands.
func (l *Ledger) sameBesidesErased(ctx context.Context, e *events.Event, r *events.Record, members []events.Member, seals map[string]events.Seal) (bool, error) {
	for _, m := range members {
		plain, err := l.keys.unseal(ctx, l.book, r.Event.Source, r.Event.ID, m.Path, seals[m.Path])
		if isErasedErr(err) {
			continue
		}
		if err != nil {
			return false, err
		}
		if string(plain) != string(m.Value) {
			return false, nil
		}
	}
	as, err := e.WithSeals(seals)
	if err == nil && r.Event.Type == events.TypePlanRefused && e.Type == events.TypeVisitPlanned {
		as, err = events.Refuse(as) // as it was recorded
	}
	if err != nil {
		return false, err
	}
	return string(as.Canonical()) == string(r.Event.Canonical()), nil
}
