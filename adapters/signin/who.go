package signin

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"huisboek/adapters/access"
)

// claims are what a provider says of somebody.
type claims map[string]json.RawMessage

// find is a claim by its name, or else by a path of names with dots between them; nil when
// there is none.
func (c claims) find(name string) json.RawMessage {
	if v, ok := c[name]; ok {
		return v
	}
	head, rest, deeper := strings.Cut(name, ".")
	if !deeper {
		return nil
	}
	var within claims
	if json.Unmarshal(c[head], &within) != nil {
		return nil
	}
	return within.find(rest)
}

// text is a claim that is a text; "" for any other.
func (c claims) text(name string) string {
	var s string
	if name == "" || json.Unmarshal(c.find(name), &s) != nil {
		return ""
	}
	return s
}

// texts is a claim that is a text or a list of them, each once.
func (c claims) texts(name string) []string {
	if s := c.text(name); s != "" {
		return []string{s}
	}
	var all []any
	if json.Unmarshal(c.find(name), &all) != nil {
		return nil
	}
	var texts []string
	for _, v := range all {
		if s, ok := v.(string); ok && s != "" && !slices.Contains(texts, s) {
			texts = append(texts, s)
		}
	}
	return texts
}

// verified reports whether the provider knows that the mail address is the person's. Some
// say so in a text.
func (c claims) verified() bool {
	var yes bool
	return json.Unmarshal(c["email_verified"], &yes) == nil && yes || c.text("email_verified") == "true"
}

// who is whom the provider speaks of, by the book or else by what it says; entry is the
// id of an access.Person, "" without one.
func (d *Door) who(says claims) (p Person, entry string, err error) {
	subject, email := says.text("sub"), says.text("email")
	known, ok := d.cfg.People.PersonOf(d.cfg.Issuer, subject)
	if !ok && says.verified() {
		if known, ok = d.cfg.People.PersonCalled(email); ok {
			err := d.cfg.People.BindPerson(known.ID, d.cfg.Issuer, subject)
			if errors.Is(err, access.ErrBound) || errors.Is(err, access.ErrKnownPerson) || errors.Is(err, access.ErrNoPerson) {
				return p, "", ErrNoDuty
			}
			if err != nil {
				return p, "", err
			}
		}
	}
	if ok {
		p, entry = personOf(known), known.ID
	} else if p, err = d.byClaims(says); err != nil {
		return p, "", err
	}
	p.ID = d.personID(d.cfg.Issuer, subject)
	p.complete(says)
	if p.Duty.OfPartner() && !d.cfg.Active(p.Partner) {
		return Person{}, "", ErrPartnerGone
	}
	return p, entry, nil
}

// personOf is somebody as the book has them, without the ID.
func personOf(known access.Person) Person {
	return Person{Duty: known.Duty, Partner: known.Partner, Employee: known.Employee, Name: known.Name, Phone: known.Phone, Email: known.Email}
}

// byClaims is somebody whom the book does not know.
func (d *Door) byClaims(says claims) (p Person, err error) {
	if d.cfg.DutyClaim == "" {
		return p, d.nobody(says)
	}
	var duties []Duty
	for _, word := range says.texts(d.cfg.DutyClaim) {
		if slices.Contains(access.Duties(), Duty(word)) {
			duties = append(duties, Duty(word))
		}
	}
	p.Duty, err = oneDuty(duties)
	switch {
	case err != nil:
		return p, err
	case p.Duty == "":
		return p, d.nobody(says)
	case !p.Duty.OfPartner():
		return p, nil
	}
	var partners []string
	for _, word := range says.texts(d.cfg.PartnerClaim) {
		if id, ok := d.partner(word); ok && !slices.Contains(partners, id) {
			partners = append(partners, id)
		}
	}
	p.Employee = strings.TrimSpace(says.text(d.cfg.EmployeeClaim))
	if len(partners) != 1 || p.Employee == "" && p.Duty == AccountManager || p.Employee != "" && !access.Label(p.Employee, 100) {
		return p, fmt.Errorf("%w: %d partners", ErrIncomplete, len(partners))
	}
	p.Partner = partners[0]
	return p, nil
}

// nobody is why. Whether the book knows the address is not told to somebody of whom we
// do not know that it is theirs.
func (d *Door) nobody(says claims) error {
	if says.text("email") != "" && !says.verified() {
		return ErrEmail
	}
	return ErrNoDuty
}

// oneDuty is the one duty of somebody. A partner's manager may be an account manager too,
// and reads the same; any other two are of two people, as whom nobody comes in at once.
func oneDuty(all []Duty) (Duty, error) {
	if len(all) == 2 && all[0].OfPartner() && all[1].OfPartner() {
		return PartnerManager, nil
	}
	if len(all) > 1 {
		return "", ErrDuties
	}
	return append(all, "")[0], nil
}

// partner finds a partner by an identity, or the number in it.
func (d *Door) partner(word string) (string, bool) {
	if d.cfg.Partner == nil {
		return "", false
	}
	for _, urn := range []string{word, "urn:nld:oin:" + word, "urn:nld:kvknr:" + word} {
		if id, ok := d.cfg.Partner(urn); ok && id != "" {
			return id, true
		}
	}
	return "", false
}

// complete fills in from the provider what the book does not say, as far as it can stand
// in an event.
func (p *Person) complete(says claims) {
	fill := func(field *string, value string, good func(string) bool) {
		if *field == "" && good(value) {
			*field = value
		}
	}
	label := func(text string) bool { return access.Label(text, 200) }
	fill(&p.Name, clean(says.text("name"), 200), label)
	fill(&p.Name, clean(says.text("given_name")+" "+says.text("family_name"), 200), label)
	fill(&p.Phone, strings.TrimSpace(says.text("phone_number")), access.PhoneNumber)
	fill(&p.Email, says.text("email"), access.MailAddress)
	if p.Duty == AccountManager {
		p.Name = cmp.Or(p.Name, p.Employee) // an event has to name somebody
	}
}
