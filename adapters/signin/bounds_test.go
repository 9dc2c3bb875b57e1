package signin

import (
	"strconv"
	"testing"
	"time"
)

// No more sign-ins are under way, and no more sessions kept, than there is room for: the
// oldest one goes, after whatever is over already.
func TestBounds(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	at := func(i int) time.Time { return start.Add(time.Duration(i) * time.Millisecond) }
	name := strconv.Itoa

	var b begun
	for i := range maxBegun + 10 {
		b.add(name(i), signIn{at: at(i)})
	}
	if len(b.all) != maxBegun {
		t.Errorf("%d sign-ins under way", len(b.all))
	}
	if _, ok := b.take(name(9)); ok {
		t.Error("the oldest is still there")
	}
	if _, ok := b.take(name(10)); !ok {
		t.Error("a later one is gone")
	}
	b.add("a", signIn{at: start.Add(beginLife)})
	b.add("b", signIn{at: start.Add(beginLife + time.Hour)})
	if len(b.all) != 1 {
		t.Errorf("%d left of those that took too long", len(b.all))
	}

	s := sessions{all: map[digest]*session{}}
	in := func(i int, began time.Time) *session {
		return &session{Session: Session{ID: name(i), Began: began, Used: began}, token: digestOf(name(i)), person: Person{ID: "p" + name(i)}}
	}
	for i := range maxSessions {
		one := in(i, at(i))
		s.all[one.token] = one
	}
	now := start.Add(time.Minute)
	if _, ok := s.of(name(0), now, true); !ok { // the oldest, and in use
		t.Fatal("not there")
	}
	s.add(in(maxSessions, now))
	if _, ok := s.of(name(1), now, false); ok || len(s.all) != maxSessions {
		t.Errorf("%d sessions, or not the one that was used longest ago ended", len(s.all))
	}
	if _, ok := s.of(name(0), now, false); !ok {
		t.Error("one in use ended")
	}
	s.add(in(maxSessions+1, now.Add(Longest)))
	if len(s.all) != 1 {
		t.Errorf("%d left of those that are over", len(s.all))
	}
}
