package signin

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
)

// How long a session lives, and how many there may be.
const (
	Idle        = 30 * time.Minute // after its last request
	Longest     = 8 * time.Hour    // after its beginning
	maxSessions = 10_000           // in all; beyond it the one that was used longest ago ends
	perPerson   = 10               // beyond it the person's oldest ends
)

const (
	cookieSession = "sid"
	cookieBegun   = "begun"
)

// Session is one browser in which somebody is signed in.
type Session struct {
	ID      string    // a UUID; not what the cookie holds
	Began   time.Time //
	Used    time.Time // its last request
	Agent   string    // the browser in a few words, at most 200 characters; may be empty
	Current bool      // the one that asks
}

// session is one as it is kept.
type session struct {
	Session
	token  digest
	person Person // as it was when it began; its phone may change
	entry  string // id of the access.Person that it rests on; "": of what the provider said
}

func (s *session) alive(now time.Time) bool {
	return now.Sub(s.Used) < Idle && now.Sub(s.Began) < Longest
}

// sessions are all that there are, by the hash of their token.
type sessions struct {
	sync.Mutex
	all map[digest]*session
}

func (s *sessions) add(one *session) {
	s.Lock()
	defer s.Unlock()
	if s.all == nil {
		s.all = make(map[digest]*session)
	}
	var own, longest *session
	n := 0
	for key, other := range s.all {
		if !other.alive(one.Began) {
			delete(s.all, key)
			continue
		}
		if longest == nil || other.Used.Before(longest.Used) {
			longest = other
		}
		if other.person.ID == one.person.ID {
			if n++; own == nil || other.Began.Before(own.Began) {
				own = other
			}
		}
	}
	switch {
	case n >= perPerson:
		delete(s.all, own.token)
	case len(s.all) >= maxSessions:
		delete(s.all, longest.token)
	}
	s.all[one.token] = one
}

// of is a copy of the session with a token, when it is alive; it counts as used then if
// that is wanted.
func (s *sessions) of(token string, now time.Time, use bool) (session, bool) {
	s.Lock()
	defer s.Unlock()
	one, ok := s.all[digestOf(token)]
	if !ok || token == "" {
		return session{}, false
	}
	if !one.alive(now) {
		delete(s.all, one.token)
		return session{}, false
	}
	if use && now.After(one.Used) {
		one.Used = now
	}
	return *one, true
}

// end ends those that fit, and says how many.
func (s *sessions) end(fits func(*session) bool) (n int) {
	s.Lock()
	defer s.Unlock()
	for key, one := range s.all {
		if fits(one) {
			delete(s.all, key)
			n++
		}
	}
	return n
}

// cookieName is a cookie's own name over https: browsers then take it only so, from this
// host and for all of it.
func (d *Door) cookieName(name string) string {
	if d.cfg.Secure {
		return "__Host-" + name
	}
	return name
}

// cookie is the value of a cookie; "" without one, and with two of that name: one of them
// is not ours.
func (d *Door) cookie(r *http.Request, name string) string {
	if all := r.CookiesNamed(d.cookieName(name)); len(all) == 1 {
		return all[0].Value
	}
	return ""
}

// setCookie sets a cookie for a while: 0 is as long as the browser is open, less takes it
// away.
func (d *Door) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if life < 0 {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: d.cookieName(name), Value: value, Path: "/", MaxAge: age,
		Secure: d.cfg.Secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// admit begins a session with a new token, in the place of the one that the browser had.
func (d *Door) admit(w http.ResponseWriter, r *http.Request, p Person, entry string) {
	if old, ok := d.sessions.of(d.cookie(r, cookieSession), d.cfg.Now(), false); ok {
		d.sessions.end(func(s *session) bool { return s.token == old.token })
	}
	token, now := secret(), d.cfg.Now()
	d.sessions.add(&session{
		Session: Session{ID: uuid.NewString(), Began: now, Used: now, Agent: agentWords(r.UserAgent())},
		token:   digestOf(token), person: p, entry: entry,
	})
	d.setCookie(w, cookieSession, token, 0)
	d.cfg.Log.Info("signed in", "person", p.ID, "duty", p.Duty, "partner", p.Partner)
}

// Person is whose session the cookie names. It counts as used. ok is false when there is
// none (any more), when the book took the person out, and when its partner takes no part.
func (d *Door) Person(r *http.Request) (*Person, bool) {
	s, ok := d.current(r, true)
	if !ok {
		return nil, false
	}
	return &s.person, true
}

// Still reports whether Person would find somebody, and counts as no use: for an answer
// that goes on for long.
func (d *Door) Still(r *http.Request) bool {
	_, ok := d.current(r, false)
	return ok
}

func (d *Door) current(r *http.Request, use bool) (session, bool) {
	s, ok := d.sessions.of(d.cookie(r, cookieSession), d.cfg.Now(), use)
	if !ok {
		return s, false
	}
	if s.entry != "" {
		known, there := d.cfg.People.Person(s.entry)
		if !there {
			d.sessions.end(func(other *session) bool { return other.entry == s.entry })
			return session{}, false
		}
		now := personOf(known)
		now.ID, now.Name, now.Email = s.person.ID, cmp.Or(now.Name, s.person.Name), cmp.Or(now.Email, s.person.Email)
		now.Phone = cmp.Or(now.Phone, s.person.Phone)
		s.person = now
	}
	return s, !s.person.Duty.OfPartner() || d.cfg.Active(s.person.Partner)
}

// OneClick lets the browser be one of Ways.OneClick, by ID. ErrNoSuchWay when it is none
// of them, and always where there is no demo. It changes something: for a POST.
func (d *Door) OneClick(w http.ResponseWriter, r *http.Request, id string) error {
	for _, p := range d.cfg.OneClick {
		if p.ID == id {
			w.Header().Set("Cache-Control", "no-store")
			d.admit(w, r, p, "")
			return nil
		}
	}
	return ErrNoSuchWay
}

// SignOut ends the session and takes its cookie away. It is no error when there is none.
// It changes something: for a POST.
func (d *Door) SignOut(w http.ResponseWriter, r *http.Request) {
	token := digestOf(d.cookie(r, cookieSession))
	d.sessions.end(func(s *session) bool { return s.token == token })
	d.setCookie(w, cookieSession, "", -1)
	w.Header().Set("Cache-Control", "no-store")
}

// Sessions are those of the person who asks, the one that was used last first; none when
// nobody is signed in.
func (d *Door) Sessions(r *http.Request) []Session {
	list := []Session{}
	own, ok := d.current(r, false)
	if !ok {
		return list
	}
	now := d.cfg.Now()
	d.sessions.Lock()
	defer d.sessions.Unlock()
	for _, s := range d.sessions.all {
		if s.person.ID == own.person.ID && s.alive(now) {
			one := s.Session
			one.Current = s.token == own.token
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b Session) int {
		return cmp.Or(b.Used.Compare(a.Used), b.Began.Compare(a.Began), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// End ends a session of the person who asks, by its ID. ErrNoSession, ErrNoSuchSession.
func (d *Door) End(r *http.Request, id string) error {
	own, ok := d.current(r, false)
	if !ok {
		return ErrNoSession
	}
	if d.sessions.end(func(s *session) bool { return s.ID == id && s.person.ID == own.person.ID }) == 0 {
		return ErrNoSuchSession
	}
	return nil
}

// EndAll ends every session of a person: the ID of a Person or of an access.Person.
func (d *Door) EndAll(person string) {
	d.sessions.end(func(s *session) bool {
		return person != "" && (s.person.ID == person || s.entry == person)
	})
}

// SetPhone changes the telephone number of the person who asks; empty takes it away. The
// book keeps it when the person is in it, the person's sessions otherwise. ErrNoSession,
// ErrPhone.
func (d *Door) SetPhone(r *http.Request, phone string) error {
	own, ok := d.current(r, false)
	if !ok {
		return ErrNoSession
	}
	if phone != "" && !access.PhoneNumber(phone) {
		return ErrPhone
	}
	if own.entry != "" {
		if err := d.cfg.People.SetPersonPhone(own.entry, phone); errors.Is(err, access.ErrNoPerson) {
			return ErrNoSession
		} else if err != nil {
			return err
		}
	}
	d.sessions.Lock()
	defer d.sessions.Unlock()
	for _, s := range d.sessions.all {
		if s.person.ID == own.person.ID {
			s.person.Phone = phone
		}
	}
	return nil
}
