package access_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

// clock is a time that stands still until it is moved.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func withClock(t *testing.T) (*access.File, *clock) {
	t.Helper()
	f := mustOpen(t, filepath.Join(t.TempDir(), "access.db"))
	c := &clock{time.Date(2026, 11, 22, 9, 30, 0, 123_456_789, time.UTC)}
	f.UseClock(c.now)
	return f, c
}

const day = 24 * time.Hour

// The moment itself is too late; nothing has to run for it.
func TestExpires(t *testing.T) {
	f, clock := withClock(t)
	until := clock.at.Add(90 * day)
	bearer, token := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA, Expires: until})
	nats, _ := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA, Kind: access.KindNATS, Expires: until})
	mustAdd(t, f, access.Credential{Role: ledger.RoleBoard})
	account, _ := f.AccountOf(nats.ID)
	if bearer.Expires.Nanosecond() != 0 || !bearer.Expires.Equal(nats.Expires) || until.Sub(bearer.Expires) >= time.Second {
		t.Fatalf("expires at %s, want %s in whole seconds", bearer.Expires, until)
	}
	for _, c := range []struct {
		at   time.Time
		good bool
	}{{clock.at, true}, {bearer.Expires.Add(-1), true}, {bearer.Expires, false}, {until.Add(day), false}} {
		clock.at = c.at
		_, err := f.Authenticate(token)
		if c.good != (err == nil) || !c.good && (!errors.Is(err, access.ErrExpired) || !errors.Is(err, access.ErrUnknownToken)) {
			t.Errorf("%s: token: %v", c.at, err)
		}
		if _, ok := f.PartnerOfAccount(account.PublicKey); ok != c.good {
			t.Errorf("%s: account: %t", c.at, ok)
		}
		if n, ended := len(f.Accounts()), len(f.Ended(clock.at)); (n == 1) != c.good || (ended == 0) != c.good {
			t.Errorf("%s: %d accounts, %d ended", c.at, n, ended)
		}
	}
	if ended := f.Ended(clock.at); len(ended) != 2 || ended[0].Role != ledger.RolePartner {
		t.Errorf("Ended = %+v", ended)
	}
}

func TestRotate(t *testing.T) {
	for _, kind := range []string{access.KindToken, access.KindNATS} {
		t.Run(kind, func(t *testing.T) {
			f, clock := withClock(t)
			old, token := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA, Kind: kind, Name: "Zwolle", Expires: clock.at.Add(365 * day)})
			good := func(c access.Credential, token string) bool {
				if kind == access.KindToken {
					got, err := f.Authenticate(token)
					return err == nil && got.Credential == c.ID
				}
				a, _ := f.AccountOf(c.ID)
				got, ok := f.PartnerOfAccount(a.PublicKey)
				return ok && got.Credential == c.ID
			}
			clock.at = clock.at.Add(300 * day)
			next, nextToken, err := rotate(f, old.ID, day)
			if err != nil {
				t.Fatal(err)
			}
			if next.ID == old.ID || next.Replaces != old.ID || next.Kind != kind || next.Partner != partnerA || next.Name != "Zwolle" || next.Role != old.Role {
				t.Errorf("successor %+v of %+v", next, old)
			}
			if left := next.Expires.Sub(clock.at).Round(time.Minute); left != 365*day {
				t.Errorf("the successor is for %s, the first was for a year", left)
			}
			if !good(old, token) || !good(next, nextToken) {
				t.Error("not both are good during the overlap")
			}
			if _, _, err := rotate(f, old.ID, day); !errors.Is(err, access.ErrReplaced) {
				t.Errorf("rotated twice: %v", err)
			}
			clock.at = clock.at.Add(day)
			if good(old, token) || !good(next, nextToken) {
				t.Error("after the overlap the old one is good, or the new one is not")
			}
			if _, _, err := rotate(f, old.ID, day); !errors.Is(err, access.ErrEnded) {
				t.Errorf("what has expired was rotated: %v", err)
			}

			third, thirdToken, err := rotate(f, next.ID, 0)
			if err != nil {
				t.Fatal(err)
			}
			if good(next, nextToken) || !good(third, thirdToken) {
				t.Error("without an overlap the old one is good, or the new one is not")
			}
		})
	}
}

// rotate is Rotate as somebody does who only wants the outcome.
func rotate(f *access.File, id string, overlap time.Duration) (next access.Credential, token string, err error) {
	err = f.Rotate(id, overlap, func(n access.New) error { next, token = n.Credential, n.Token; return nil })
	return next, token, err
}

// What cannot be put to use is not made: no credential is left that nobody has,
// and the one that it would replace is as it was.
func TestNothingIsMadeInVain(t *testing.T) {
	f, clock := withClock(t)
	failed := errors.New("the server does not let it in")
	all := []access.Credential{
		{Role: ledger.RolePartner, Partner: partnerA, Kind: access.KindNATS}, {Role: ledger.RolePartner, Partner: partnerA, Expires: clock.at.Add(day)},
	}
	if err := f.AddAll(all, func(made []access.New) error {
		if len(made) != 2 || made[0].Account.Seed == "" || made[0].Account.Credential != made[0].ID || made[1].Token == "" || made[0].ID == made[1].ID {
			t.Errorf("made %+v", made)
		}
		return failed
	}); !errors.Is(err, failed) {
		t.Errorf("add: %v", err)
	}
	if n := len(f.List()) + len(f.Accounts()); n != 0 {
		t.Errorf("%d are left", n)
	}
	for _, c := range all {
		old, _ := mustAdd(t, f, c)
		before := f.List()
		if err := f.Rotate(old.ID, 0, func(made access.New) error {
			if made.Replaces != old.ID || (made.Token == "") != (c.Kind == access.KindNATS) || (made.Account.Seed == "") != (made.Token != "") {
				t.Errorf("made %+v", made)
			}
			return failed
		}); !errors.Is(err, failed) {
			t.Errorf("rotate: %v", err)
		}
		if diff := cmp.Diff(before, f.List()); diff != "" {
			t.Errorf("rotated in vain:\n%s", diff)
		}
	}
	if n := len(f.Accounts()); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

// A successor that was lost is removed, and its predecessor rotated again: that
// is for as long as the first one was.
func TestRotateAfterLoss(t *testing.T) {
	f, clock := withClock(t)
	for name, life := range map[string]time.Duration{"for ever": 0, "a year": 365 * day} {
		c := access.Credential{Role: ledger.RoleBoard}
		if life > 0 {
			c.Expires = clock.at.Add(life)
		}
		c, _ = mustAdd(t, f, c)
		lost, _, err := rotate(f, c.ID, day)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Remove(lost.ID); err != nil {
			t.Fatal(err)
		}
		again, _, err := rotate(f, c.ID, day)
		if err != nil {
			t.Fatal(err)
		}
		if life == 0 != again.Expires.IsZero() || life > 0 && again.Expires.Sub(clock.at).Round(time.Minute) != life {
			t.Errorf("%s: the successor ends at %s", name, again.Expires)
		}
	}
	if _, _, err := rotate(f, f.List()[0].ID, -1); err == nil {
		t.Error("a negative overlap")
	}
}

// An end is brought forward and never put off.
func TestExpire(t *testing.T) {
	f, clock := withClock(t)
	c, token := mustAdd(t, f, access.Credential{Role: ledger.RoleBoard})
	for _, at := range []time.Time{clock.at.Add(day), clock.at.Add(2 * day)} {
		if err := f.Expire(c.ID, at); err != nil {
			t.Fatal(err)
		}
		if got := f.List()[0].Expires; !got.Equal(clock.at.Add(day).Truncate(time.Second)) {
			t.Errorf("ends at %s", got)
		}
	}
	if err := f.Expire(c.ID, clock.at); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Authenticate(token); !errors.Is(err, access.ErrExpired) {
		t.Errorf("ended now: %v", err)
	}
	if err := f.Expire("geen", clock.at); !errors.Is(err, access.ErrNoCredential) {
		t.Error(err)
	}
}
