package access

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	bolt "go.etcd.io/bbolt"

	"huisboek/events"
	"huisboek/ledger"
)

// Duty is what somebody does here.
type Duty string

// The duties, as they are stored and as a provider's claims say them.
const (
	DutyAccountManager Duty = "accountmanager"   // goes to employers for a partner
	DutyPartnerManager Duty = "partnerbeheerder" // looks after a partner's system and deliveries
	DutyBoard          Duty = "bestuur"          // sets the targets
	DutySteward        Duty = "regisseur"        // keeps the book
	DutyAuditor        Duty = "auditor"          // looks at who looked
)

// Duties is every duty.
func Duties() []Duty {
	return []Duty{DutyAccountManager, DutyPartnerManager, DutyBoard, DutySteward, DutyAuditor}
}

// OfPartner reports whether a duty is done for one partner.
func (d Duty) OfPartner() bool { return d == DutyAccountManager || d == DutyPartnerManager }

// Role is as whom somebody with this duty reads and speaks; empty for an unknown duty.
func (d Duty) Role() ledger.Role {
	switch d {
	case DutyAccountManager, DutyPartnerManager:
		return ledger.RolePartner
	case DutyBoard:
		return ledger.RoleBoard
	case DutySteward:
		return ledger.RoleSteward
	case DutyAuditor:
		return ledger.RoleAuditor
	}
	return ""
}

// maxPeople is how many a partner may have, and how many all others together: each
// is somebody of flesh and blood.
const maxPeople = 1_000

// Why there is nobody, or nobody more.
var (
	ErrNoPerson      = errors.New("no such person: access person list names them")
	ErrKnownPerson   = errors.New("somebody with this address or this subject may sign in already: remove that entry first")
	ErrBound         = errors.New("somebody else signed in with this address before")
	ErrTooManyPeople = fmt.Errorf("a partner has %d people at most, and so have the others together: remove one first", maxPeople)
)

// Person is somebody who may sign in. Who it is, a provider of identities says: by
// issuer and subject; or, until the first time, by a mail address that it verified.
type Person struct {
	ID       string    `json:"id"`                   // AddPerson fills it in; what records name is another one
	Duty     Duty      `json:"taak"`                 //
	Partner  string    `json:"partner,omitempty"`    // UUID; of a duty for a partner
	Employee string    `json:"medewerker,omitempty"` // the partner's own id; an account manager has one
	Email    string    `json:"email,omitempty"`      // in small letters; once it is bound only to be shown
	Issuer   string    `json:"uitgever,omitempty"`   // with Subject: who it is
	Subject  string    `json:"onderwerp,omitempty"`  // as the issuer calls this person, and nobody else ever
	Name     string    `json:"naam,omitempty"`       // goes before what the provider says
	Phone    string    `json:"telefoon,omitempty"`   // the same
	Made     time.Time `json:"gemaaktOp"`            // AddPerson fills it in
	Bound    time.Time `json:"gekoppeldOp,omitzero"` // when the subject was bound
}

type subjectKey struct{ issuer, subject string }

// people is who may sign in, indexed for the door.
type people struct {
	byID      map[string]Person
	bySubject map[subjectKey]string // to id
	byEmail   map[string]string     // to id; bound ones too, so that no address stands twice
}

func (p *people) add(one Person) {
	if p.byID == nil {
		p.byID, p.bySubject, p.byEmail = map[string]Person{}, map[subjectKey]string{}, map[string]string{}
	}
	p.byID[one.ID] = one
	if one.Subject != "" {
		p.bySubject[subjectKey{one.Issuer, one.Subject}] = one.ID
	}
	if one.Email != "" {
		p.byEmail[one.Email] = one.ID
	}
}

// AddPerson lets somebody sign in. ID, Made and Bound are filled in. The error says in
// one line what is wrong, or is ErrKnownPerson or ErrTooManyPeople.
func (f *File) AddPerson(p Person) (Person, error) {
	p.Email = strings.ToLower(p.Email)
	if err := p.check(); err != nil {
		return Person{}, fmt.Errorf("access: %w", err)
	}
	p.ID, p.Made, p.Bound = uuid.NewString(), f.moment(), time.Time{}
	if p.Subject != "" {
		p.Bound = p.Made
	}
	err := f.update(func(tx *bolt.Tx) error {
		have := 0
		var known bool
		err := each(f, tx, bucketPeople, func(_ string, other Person) {
			if other.Partner == p.Partner {
				have++
			}
			known = known || p.Email != "" && other.Email == p.Email ||
				p.Subject != "" && other.Subject == p.Subject && other.Issuer == p.Issuer
		})
		switch {
		case err != nil:
			return err
		case known:
			return ErrKnownPerson
		case have >= maxPeople:
			return ErrTooManyPeople
		}
		return f.put(tx, bucketPeople, []byte(p.ID), p)
	})
	if err != nil {
		return Person{}, err
	}
	return p, nil
}

// People is everybody who may sign in, oldest first.
func (f *File) People() []Person {
	list := []Person{}
	for _, p := range f.state.Load().people.byID {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Person) int { return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Person is one who may sign in.
func (f *File) Person(id string) (Person, bool) {
	p, ok := f.state.Load().people.byID[id]
	return p, ok
}

// PersonOf is who an issuer calls so.
func (f *File) PersonOf(issuer, subject string) (Person, bool) {
	s := f.state.Load()
	p, ok := s.people.byID[s.people.bySubject[subjectKey{issuer, subject}]]
	return p, ok && subject != ""
}

// PersonCalled is who has a mail address and never signed in yet. Large and small
// letters are the same.
func (f *File) PersonCalled(email string) (Person, bool) {
	s := f.state.Load()
	p, ok := s.people.byID[s.people.byEmail[strings.ToLower(email)]]
	return p, ok && email != "" && p.Subject == ""
}

// BindPerson says for good whom an entry is of: from then on the address no longer
// opens it. ErrBound when somebody else was first, ErrKnownPerson when that subject has
// another entry, ErrNoPerson.
func (f *File) BindPerson(id, issuer, subject string) error {
	if issuer == "" || subject == "" {
		return errors.New("access: nobody to bind")
	}
	return f.changePerson(id, func(p *Person) error {
		if p.Subject != "" {
			if p.Issuer == issuer && p.Subject == subject {
				return nil
			}
			return ErrBound
		}
		if _, other := f.PersonOf(issuer, subject); other {
			return ErrKnownPerson
		}
		p.Issuer, p.Subject, p.Bound = issuer, subject, f.moment()
		return nil
	})
}

// SetPersonPhone changes somebody's telephone number; empty takes it away. ErrNoPerson.
func (f *File) SetPersonPhone(id, phone string) error {
	return f.changePerson(id, func(p *Person) error { p.Phone = phone; return nil })
}

func (f *File) changePerson(id string, change func(*Person) error) error {
	return f.update(func(tx *bolt.Tx) error {
		p, err := f.person(tx, id)
		if err != nil {
			return err
		}
		if err := change(&p); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
		return f.put(tx, bucketPeople, []byte(id), p)
	})
}

// RemovePerson ends an entry: whoever it was of cannot sign in by it any more, and a
// session that rests on it is over. In the file itself its bytes stand until Compact.
// ErrNoPerson.
func (f *File) RemovePerson(id string) error {
	return f.update(func(tx *bolt.Tx) error {
		if _, err := f.person(tx, id); err != nil {
			return err
		}
		return tx.Bucket(bucketPeople).Delete([]byte(id))
	})
}

// RemovePeopleOf ends the entries of a partner, or of one of its employees when that is
// not empty, and says which they were. It is no error when there are none.
func (f *File) RemovePeopleOf(partner, employee string) ([]Person, error) {
	gone := slices.DeleteFunc(f.People(), func(p Person) bool {
		return partner == "" || p.Partner != partner || employee != "" && p.Employee != employee
	})
	if len(gone) == 0 {
		return nil, nil
	}
	return gone, f.update(func(tx *bolt.Tx) (err error) {
		for _, p := range gone {
			if b := tx.Bucket(bucketPeople); b != nil {
				err = errors.Join(err, b.Delete([]byte(p.ID)))
			}
		}
		return err
	})
}

func (f *File) person(tx *bolt.Tx, id string) (p Person, err error) {
	b := tx.Bucket(bucketPeople)
	if b == nil || id == "" {
		return p, ErrNoPerson
	}
	value := b.Get([]byte(id))
	if value == nil {
		return p, ErrNoPerson
	}
	text, err := f.open(bucketPeople, []byte(id), value)
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(text, &p)
}

func (p *Person) check() error {
	_, noUUID := uuid.Parse(p.Partner)
	switch {
	case p.Duty.Role() == "":
		return fmt.Errorf("duty %q: want accountmanager, partnerbeheerder, bestuur, regisseur or auditor", p.Duty)
	case p.Duty.OfPartner() && noUUID != nil:
		return fmt.Errorf("partner %q: %w", p.Partner, noUUID)
	case !p.Duty.OfPartner() && (p.Partner != "" || p.Employee != ""):
		return fmt.Errorf("%s is of no partner", p.Duty)
	case p.Duty == DutyAccountManager && p.Employee == "":
		return errors.New("an account manager has an id of the partner's own (medewerker)")
	case p.Employee != "" && !Label(p.Employee, 100):
		return errors.New("the partner's own id is longer than 100 characters, not one line, or looks like a citizen service number")
	case (p.Issuer == "") != (p.Subject == ""):
		return errors.New("issuer and subject come together")
	case p.Email == "" && p.Subject == "":
		return errors.New("nobody can be recognised without a mail address, or issuer and subject")
	case len(p.Subject) > 255 || strings.ContainsFunc(p.Subject, unicode.IsControl) || len(p.Issuer) > 500:
		return errors.New("a subject has 255 characters at most")
	case p.Email != "" && !MailAddress(p.Email):
		return fmt.Errorf("%q is no mail address of the form naam@voorbeeld.nl", p.Email)
	case p.Name != "" && !Label(p.Name, 200):
		return errors.New("name is longer than 200 characters, not one line, or looks like a citizen service number")
	case p.Phone != "" && !PhoneNumber(p.Phone):
		return errors.New("no telephone number of 6 to 20 characters")
	}
	return nil
}

// Label reports whether a text can stand in an event as a name or an id: one line of at
// most so many characters, not empty, without white space at its ends, and without what
// looks like a citizen service number.
func Label(text string, most int) bool {
	_, citizen := events.HasBSN(text)
	return text != "" && !citizen && utf8.ValidString(text) && utf8.RuneCountInString(text) <= most &&
		strings.TrimSpace(text) == text &&
		!strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' })
}

var phoneForm = regexp.MustCompile(`^\+?[0-9 ()./-]{5,19}[0-9]$`)

// PhoneNumber reports whether a text can stand in an event as a telephone number.
func PhoneNumber(text string) bool {
	if !phoneForm.MatchString(text) {
		return false
	}
	if strings.HasPrefix(text, "+") || strings.HasPrefix(text, "00") {
		return true // what follows a country code has nine digits in the Netherlands
	}
	_, citizen := events.HasBSN(text)
	return !citizen
}
