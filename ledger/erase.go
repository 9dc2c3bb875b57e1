package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"huisboek/events"
)

// EraseRequest says what is to be forgotten: one of Employee, Employer and Event.
type EraseRequest struct {
	Partner  string // UUID: whose employee; for an employer: whose card (empty: everybody's)
	Employee string // the partner's own id of an account manager
	Employer string // Employer.Key: its card and contact persons
	Texts    bool   // with Employer: every free text about it as well
	Event    *events.Ref
	Ground   string // "verzoek", "bewaartermijn", "onjuist" or "overig"
}

// Erasure is what was erased: the position of gegevens-gewist and the keys.
type Erasure struct {
	Book     string          `json:"boek"`
	Position events.Position `json:"positie"`
	Keys     []events.KeyID  `json:"sleutels"`
}

// ErrNothingToErase: no key is in use for what was asked.
var ErrNothingToErase = errors.New("nothing is kept of that, or it was erased before")

// keysPerErasure keeps gegevens-gewist within the size of an event.
const keysPerErasure = 4_000

// Erase forgets: it records gegevens-gewist (more than one when there are very
// many keys), has the list outside the data folder written, destroys the keys and
// looks that their bytes are gone. Once begun it goes on when ctx ends. When it
// fails after recording, the next Erase or start finishes it. The answer has the
// last position and all keys.
func (l *Ledger) Erase(ctx context.Context, q EraseRequest, by Caller) (Erasure, error) {
	if l.unfinished.Load() {
		if err := l.finishErasures(context.WithoutCancel(ctx)); err != nil {
			return Erasure{}, err
		}
	}
	ids, err := l.keysToErase(ctx, q)
	if err != nil {
		return Erasure{}, err
	}
	if len(ids) == 0 {
		return Erasure{}, ErrNothingToErase
	}
	all := Erasure{Book: l.book}
	for part := range slices.Chunk(ids, keysPerErasure) {
		done, err := l.erase(context.WithoutCancel(ctx), part, q.Ground, by)
		if err != nil {
			return all, err
		}
		all.Position, all.Keys = done.Position, append(all.Keys, done.Keys...)
	}
	return all, nil
}

func (l *Ledger) erase(ctx context.Context, ids []events.KeyID, ground string, by Caller) (Erasure, error) {
	by.Role, by.Partner, by.Door = "", "", DoorBook
	e, err := events.NewEvent(oinIdentity(l.oin)+":systeem:huisboek", uuid.NewString(), l.now(), &events.DataErased{Keys: ids, Ground: ground})
	if err != nil {
		return Erasure{}, err
	}
	receipt, err := l.Record(ctx, Submission{e, by})
	if err != nil {
		l.unfinished.Store(true) // it may have been recorded all the same
		return Erasure{}, err
	}
	done := Erasure{l.book, receipt.Position, ids}
	return done, l.destroy(ctx, done)
}

func (l *Ledger) destroy(ctx context.Context, e Erasure) (err error) {
	defer func() {
		if err != nil {
			l.unfinished.Store(true)
		}
	}()
	if l.cfg.OnErased != nil {
		if err := l.cfg.OnErased(e); err != nil {
			return fmt.Errorf("position %d is recorded, but the list of erasures cannot be written (the next erasure or start tries again): %w", e.Position, err)
		}
	}
	if err := l.cfg.Keys.Erase(ctx, e.Keys); err != nil {
		return fmt.Errorf("position %d is recorded, but its keys are not destroyed yet (the next erasure or start tries again): %w", e.Position, err)
	}
	return nil
}

// finishErasures destroys keys that were erased by the book and are there all
// the same: after a crash half-way, or after older key files were put back.
func (l *Ledger) finishErasures(ctx context.Context) error {
	erased := map[events.KeyID]events.Position{}
	if err := l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		for _, id := range erasedKeys(tx) {
			erased[id] = positionAt(tx, positionKey(rowErased, events.Position(id)))
		}
		return nil
	}); err != nil {
		return err
	}
	left := map[events.Position][]events.KeyID{}
	for _, id := range slices.Sorted(maps.Keys(erased)) {
		switch _, err := l.cfg.Keys.Get(ctx, id); {
		case errors.Is(err, ErrErased):
		case err != nil:
			return err
		default:
			left[erased[id]] = append(left[erased[id]], id)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(left)) {
		l.log.Warn("erased keys are there still, or again, and are destroyed", "position", at, "keys", len(left[at]))
		if err := l.destroy(ctx, Erasure{l.book, at, left[at]}); err != nil {
			return err
		}
	}
	l.unfinished.Store(false)
	return nil
}

func (l *Ledger) keysToErase(ctx context.Context, q EraseRequest) ([]events.KeyID, error) {
	switch {
	case q.Event != nil:
		return l.textKeysOf(ctx, *q.Event)
	case q.Employee != "":
		return l.keysOfSubjects(l.keys.subjectID(events.PersonMember, q.Partner, q.Employee))
	case q.Employer == "":
		return nil, ErrNothingToErase
	}
	partners, err := l.partnersOr(q.Partner)
	if err != nil {
		return nil, err
	}
	var subjects []subjectID
	for _, p := range partners {
		subjects = append(subjects, l.keys.subjectID(events.CardMember, p, q.Employer), l.keys.subjectID(events.ContactsMember, p, q.Employer))
	}
	ids, err := l.keysOfSubjects(subjects...)
	if err != nil || !q.Texts {
		return ids, err
	}
	texts, err := l.textKeysAbout(ctx, q.Employer, q.Partner)
	return append(ids, texts...), err
}

func (l *Ledger) partnersOr(one string) ([]string, error) {
	if one != "" {
		return []string{one}, nil
	}
	all, err := l.Partners()
	ids := make([]string, len(all))
	for i, p := range all {
		ids[i] = p.ID
	}
	return ids, err
}

func (l *Ledger) keysOfSubjects(subjects ...subjectID) (ids []events.KeyID, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		for _, s := range subjects {
			ids = append(ids, keysOf(tx, s)...)
		}
		return nil
	})
	return ids, err
}

// textKeysOf are the keys of one event's free texts. Its people and cards share
// their keys with other events and are erased as such.
func (l *Ledger) textKeysOf(ctx context.Context, ref events.Ref) ([]events.KeyID, error) {
	var at events.Position
	if err := l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		at = positionAt(tx, idKey(ref.Source, ref.ID))
		return nil
	}); err != nil || at == 0 {
		return nil, err
	}
	r, err := l.recordAt(ctx, at)
	if err != nil {
		return nil, err
	}
	return l.living(textKeys(r)), nil
}

// textKeysAbout reads the whole stream: free texts are not indexed by employer.
// An event, its corrections and its retraction stand or fall together, by the
// employer that the last of them is about.
func (l *Ledger) textKeysAbout(ctx context.Context, employer, partner string) ([]events.KeyID, error) {
	texts, about := map[events.Position][]events.KeyID{}, map[events.Position]bool{} // by order
	err := l.cfg.Stream.Read(ctx, 1, func(p events.Position, data []byte) error {
		r, err := events.DecodeRecord(data)
		if err != nil {
			return fmt.Errorf("position %d: %w", p, err)
		}
		if partner != "" && r.Partner != partner {
			return nil
		}
		var w where
		var was done
		if err := l.rows.view(func(tx Tx, _ events.Checkpoint) (err error) {
			w, was, err = whereDone(tx, p)
			return err
		}); err != nil {
			return err
		}
		if keys := textKeys(r); len(keys) > 0 {
			texts[was.Order] = append(texts[was.Order], keys...)
		}
		if w.employer == employer || was.With == employer {
			about[was.Order] = true
		} else if was.Type != events.TypeEventRetracted {
			delete(about, was.Order)
		}
		return nil
	})
	var ids []events.KeyID
	for _, order := range slices.Sorted(maps.Keys(about)) {
		ids = append(ids, texts[order]...)
	}
	return l.living(ids), err
}

func textKeys(r *events.Record) (ids []events.KeyID) {
	for _, m := range r.Event.PersonalMembers() {
		if m.Kind == events.TextMember && m.Seal != nil {
			ids = append(ids, m.Seal.Key)
		}
	}
	return ids
}

func (l *Ledger) living(ids []events.KeyID) []events.KeyID {
	return slices.DeleteFunc(ids, func(id events.KeyID) bool { return l.keys.anyErased([]events.KeyID{id}) })
}

// ErasedKeys is every key that was ever erased: the only ones that may be
// missing from the key stream.
func (l *Ledger) ErasedKeys() (map[events.KeyID]bool, error) {
	out := map[events.KeyID]bool{}
	err := l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		for _, id := range erasedKeys(tx) {
			out[id] = true
		}
		return nil
	})
	return out, err
}
