package ledger

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

const (
	poolFirst   = 100    // keys drawn at the first need: a restart costs little
	poolMost    = 10_000 // a small pool costs a fifth of the rate (docs/decisions/0006)
	cachedKeys  = 50_000 // 64 bytes each, and the map around them
	knownPeople = 10_000 // half a kilobyte each
	keptCiphers = 1_000  // two kilobytes each
	subjectLead = "onderwerp\x00"
)

type seal = [KeySize]byte

// keyring hands out seal keys and remembers the ones in use. New keys come from
// a pool that is appended to the key stream ahead of need, so that sealing waits
// for no disk. What is left in the pool at a stop is never used: another ledger
// on the same book could have taken the same, and then one erasure would reach
// two people.
type keyring struct {
	keys    Keys
	subject *mac // names subjects

	mu       sync.Mutex
	pool     []pooled
	size     int // of the next refill
	refill   chan struct{}
	cache    map[events.KeyID]seal
	ciphers  map[events.KeyID]cipher.AEAD // of those that are used again and again
	subjects map[subjectID]events.KeyID   // drawn here, perhaps not recorded yet
	names    map[events.KeyID]subjectID   // the other way round
	erased   map[events.KeyID]bool
	people   map[sealedAt]*Person
	most     int // of subjects and names, before those that are recorded go
}

// sealedAt is a seal with what it is bound to.
type sealedAt struct {
	source, id string
	seal       events.Seal
}

type pooled struct {
	id  events.KeyID
	key seal
}

// subjectID stands for whom a key belongs to, without saying whom.
type subjectID [subjectSize]byte

func newKeyring(keys Keys, subject *mac) *keyring {
	return &keyring{
		keys: keys, subject: subject, size: poolFirst,
		cache:    map[events.KeyID]seal{},
		ciphers:  map[events.KeyID]cipher.AEAD{},
		subjects: map[subjectID]events.KeyID{},
		names:    map[events.KeyID]subjectID{},
		erased:   map[events.KeyID]bool{},
		people:   map[sealedAt]*Person{},
		most:     cachedKeys,
	}
}

// draw takes a key that nothing was sealed with yet.
func (k *keyring) draw(ctx context.Context) (events.KeyID, seal, error) {
	k.mu.Lock()
	for len(k.pool) == 0 {
		wait := k.startRefill(context.WithoutCancel(ctx))
		k.mu.Unlock()
		select {
		case err := <-wait:
			if err != nil {
				return 0, seal{}, err
			}
		case <-ctx.Done():
			return 0, seal{}, ctx.Err()
		}
		k.mu.Lock()
	}
	defer k.mu.Unlock()
	p := k.pool[len(k.pool)-1]
	k.pool = k.pool[:len(k.pool)-1]
	if len(k.pool) < k.size/8 {
		k.startRefill(context.WithoutCancel(ctx))
	}
	k.remember(p.id, p.key)
	return p.id, p.key, nil
}

// startRefill is called with mu held. At most one refill is under way; everybody
// who waits for it hears when it ends.
func (k *keyring) startRefill(ctx context.Context) <-chan error {
	done := make(chan error, 1)
	if under := k.refill; under != nil {
		go func() { <-under; done <- nil }()
		return done
	}
	under := make(chan struct{})
	k.refill = under
	n := k.size
	k.size = min(2*k.size, poolMost)
	go func() {
		fresh, err := k.append(ctx, n)
		k.mu.Lock()
		k.pool = append(fresh, k.pool...)
		k.refill = nil
		k.mu.Unlock()
		close(under)
		done <- err
	}()
	return done
}

func (k *keyring) append(ctx context.Context, n int) ([]pooled, error) {
	keys := make([]seal, n)
	for i := range keys {
		rand.Read(keys[i][:])
	}
	first, err := k.keys.Append(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("append %d keys: %w", n, err)
	}
	fresh := make([]pooled, n)
	for i := range keys {
		fresh[n-1-i] = pooled{first + events.KeyID(i), keys[i]} // taken from the end, lowest first
	}
	return fresh, nil
}

// remember is called with mu held. When the cache is full a few entries go, any
// of them: what is asked for again is read again.
func (k *keyring) remember(id events.KeyID, key seal) {
	if len(k.cache) >= cachedKeys {
		n := 0
		for old := range k.cache {
			delete(k.cache, old)
			if n++; n == cachedKeys/50 {
				break
			}
		}
	}
	k.cache[id] = key
}

// get is the key with an id, or ErrErased.
func (k *keyring) get(ctx context.Context, id events.KeyID) (seal, error) {
	k.mu.Lock()
	key, ok := k.cache[id]
	gone := k.erased[id]
	k.mu.Unlock()
	switch {
	case gone:
		return seal{}, ErrErased
	case ok:
		return key, nil
	}
	key, err := k.keys.Get(ctx, id)
	if err != nil {
		return seal{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.erased[id] { // erased while we read it: it must not come back into the cache
		return seal{}, ErrErased
	}
	k.remember(id, key)
	return key, nil
}

// cipher is what members are sealed with under a key; keep it when there will be others.
func (k *keyring) cipher(id events.KeyID, key seal, keep bool) (cipher.AEAD, error) {
	if !keep {
		return aead(key[:sealHalf])
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.ciphers[id]; c != nil {
		return c, nil
	}
	c, err := aead(key[:sealHalf])
	if err == nil && !k.erased[id] {
		if len(k.ciphers) >= keptCiphers {
			clear(k.ciphers)
		}
		k.ciphers[id] = c
	}
	return c, err
}

// inUse reports whether everything can be sealed with keys that are in use here, so
// that none is drawn.
func (k *keyring) inUse(w toSeal) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, m := range w.members {
		if id, ok := k.subjects[w.subjects[i]]; m.Kind == events.TextMember || !ok || k.erased[id] {
			return false
		}
	}
	return true
}

// forSubject is the key that a subject's members are sealed with: the one in use,
// or a new one. known looks in the book.
func (k *keyring) forSubject(ctx context.Context, s subjectID, known func(subjectID) (events.KeyID, error)) (events.KeyID, seal, error) {
	k.mu.Lock()
	id, ok := k.subjects[s]
	k.mu.Unlock()
	if !ok {
		var err error
		if id, err = known(s); err != nil {
			return 0, seal{}, err
		}
	}
	if id != 0 {
		if key, err := k.get(ctx, id); !errors.Is(err, ErrErased) {
			if err == nil && !ok {
				k.use(s, id)
			}
			return id, key, err
		}
	}
	id, key, err := k.draw(ctx)
	if err != nil {
		return 0, seal{}, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if other, ok := k.subjects[s]; ok && !k.erased[other] { // somebody drew for the same subject meanwhile
		if key, ok := k.cache[other]; ok {
			return other, key, nil
		}
	}
	k.subjects[s], k.names[id] = id, s
	return id, key, nil
}

// use remembers which key of the book a subject's members are sealed with, unless many
// are remembered already.
func (k *keyring) use(s subjectID, id events.KeyID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.subjects[s]; !ok && !k.erased[id] && len(k.subjects) < cachedKeys {
		k.subjects[s], k.names[id] = id, s
	}
}

// known is a person that was unsealed before, or nil: every answer names some, and
// often the same.
func (k *keyring) known(at sealedAt) *Person {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.people[at]
}

// know remembers a person as long as the key is there.
func (k *keyring) know(at sealedAt, p *Person) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.erased[at.seal.Key] {
		return
	}
	if len(k.people) >= knownPeople {
		clear(k.people)
	}
	k.people[at] = p
}

// forget makes erased keys unusable here at once, and whom they sealed unknown.
func (k *keyring) forget(ids []events.KeyID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	defer maps.DeleteFunc(k.people, func(at sealedAt, _ *Person) bool { return k.erased[at.seal.Key] })
	for _, id := range ids {
		k.erased[id] = true
		delete(k.cache, id)
		delete(k.ciphers, id)
		if s, ok := k.names[id]; ok {
			delete(k.names, id)
			if k.subjects[s] == id {
				delete(k.subjects, s)
			}
		}
	}
}

// recorded lets go of for whom the keys of records were drawn, when that is remembered
// of many: the book says it from here on.
func (k *keyring) recorded(records []*events.Record) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.names) < k.most {
		return
	}
	for _, r := range records {
		for _, m := range r.Event.PersonalMembers() {
			if m.Seal == nil {
				continue
			}
			s, ok := k.names[m.Seal.Key]
			if delete(k.names, m.Seal.Key); ok && k.subjects[s] == m.Seal.Key {
				delete(k.subjects, s)
			}
		}
	}
}

// anyErased reports whether one of the keys was erased.
func (k *keyring) anyErased(ids []events.KeyID) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range ids {
		if k.erased[id] {
			return true
		}
	}
	return false
}

// subjectID of a kind of member, a partner and what tells subjects apart.
func (k *keyring) subjectID(kind events.MemberKind, partner, name string) subjectID {
	var b [128]byte
	text := strconv.AppendUint(append(b[:0], subjectLead...), uint64(kind), 10)
	text = append(append(append(append(text, 0), partner...), 0), name...)
	return k.subject.sum(text)
}

// drawnFor is whom a key was drawn for here.
func (k *keyring) drawnFor(id events.KeyID) (s subjectID, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s, ok = k.names[id]
	return s, ok
}

// subjectOfPlain is the subject of a member that is not sealed yet.
func (k *keyring) subjectOfPlain(partner string, data events.Data, m events.Member) (subjectID, error) {
	if m.Kind != events.PersonMember {
		e, _ := events.EmployerOf(data)
		return k.subjectID(m.Kind, partner, e.Key()), nil
	}
	var who events.AccountManager
	if err := json.Unmarshal(m.Value, &who); err != nil {
		return subjectID{}, fmt.Errorf("%s: %w", m.Path, err)
	}
	return k.subjectID(m.Kind, partner, who.Employee), nil
}

// subjectOf is whose key a stored member is sealed with; ok is false when the
// key was erased, and with it the answer.
func (k *keyring) subjectOf(r *events.Record, m events.Member) (s subjectID, ok bool, err error) {
	if s, ok = k.drawnFor(m.Seal.Key); ok {
		return s, true, nil
	}
	if m.Kind == events.PersonMember {
		plain, err := k.unseal(context.Background(), r.Book, r.Event.Source, r.Event.ID, m.Path, *m.Seal)
		if errors.Is(err, ErrErased) {
			return s, false, nil
		}
		if err != nil {
			return s, false, err
		}
		m.Value = plain
	}
	s, err = k.subjectOfPlain(r.Partner, r.Event.Data, m)
	return s, err == nil, err
}
