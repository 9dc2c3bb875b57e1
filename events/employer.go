package events

import (
	"errors"
	"strings"
)

// Employer says which employer is meant: exactly one of KvK, Foreign and
// Provisional; with KvK optionally an establishment (absent: the whole entity).
type Employer struct {
	KvK           string   `json:"kvkNummer,omitempty" check:"kvk"`
	Establishment string   `json:"vestigingsnummer,omitempty" check:"vestiging"`
	Foreign       *Foreign `json:"buitenlands,omitempty"`
	Provisional   string   `json:"voorlopig,omitempty" check:"uuid"`
}

// Foreign is an employer in another country's register.
type Foreign struct {
	Country  string `json:"land" check:"required,land"` // ISO 3166-1 alpha-2, capitals
	Register string `json:"register" check:"required,register"`
	Number   string `json:"nummer" check:"required,nummer"`
}

// Key names the whole entity as HTTP paths do (docs/contract.md): the KvK number,
// "voorlopig-<uuid>" or "<land>-<register>-<nummer>". Empty for the zero Employer.
func (e Employer) Key() string {
	switch {
	case e.KvK != "":
		return e.KvK
	case e.Provisional != "":
		return "voorlopig-" + e.Provisional
	case e.Foreign != nil:
		return e.Foreign.Country + "-" + e.Foreign.Register + "-" + e.Foreign.Number
	}
	return ""
}

// Number is what the subject attribute of an event about the employer says: the
// KvK number, the number in the foreign register or the provisional UUID.
func (e Employer) Number() string {
	switch {
	case e.KvK != "":
		return e.KvK
	case e.Provisional != "":
		return e.Provisional
	case e.Foreign != nil:
		return e.Foreign.Number
	}
	return ""
}

var errNoEmployerKey = errors.New("not a KvK number, voorlopig-<uuid> or <land>-<register>-<nummer>")

// ParseEmployerKey is the employer that Key names; the error says nothing of
// what was given.
func ParseEmployerKey(key string) (Employer, error) {
	if isKvK(key) {
		return Employer{KvK: key}, nil
	}
	if id, ok := strings.CutPrefix(key, "voorlopig-"); ok && isUUID(id) {
		return Employer{Provisional: id}, nil
	}
	country, rest, _ := strings.Cut(key, "-")
	register, number, _ := strings.Cut(rest, "-")
	if isCountry(country) && country != "NL" && isRegister(register) && isRegisterNumber(number) {
		return Employer{Foreign: &Foreign{country, register, number}}, nil
	}
	return Employer{}, errNoEmployerKey
}

// EmployerOf is the employer that the data is about; ok is false for types that
// point to an approach, a placement, a vacancy or an event instead, and for those
// that speak of two employers ([PairOf]).
func EmployerOf(d Data) (e Employer, ok bool) {
	switch d := d.(type) {
	case *EmployerDescribed:
		return d.Employer, true
	case *VisitPlanned:
		return d.Employer, true
	case *VisitMade:
		return d.Employer, true
	case *PlanRefused:
		return d.Employer, true
	case *EmployerFollowed:
		return d.Employer, true
	case *EmployerUnfollowed:
		return d.Employer, true
	case *LevelSet:
		return d.Employer, true
	case *EmployerSpared:
		return d.Employer, true
	case *ServiceDelivered:
		return d.Employer, true
	case *PlacementMade:
		return d.Employer, true
	case *ContactAppointed:
		return d.Employer, true
	case *ContactReleased:
		return d.Employer, true
	case *VacancyReported:
		return d.Employer, true
	case *SignalNoted:
		return d.Employer, true
	}
	return Employer{}, false
}

// PairOf are the two employers that the data links or unlinks; ok is false for
// every other type.
func PairOf(d Data) (employer, with Employer, ok bool) {
	switch d := d.(type) {
	case *EmployersLinked:
		return d.Employer.Employer(), d.With.Employer(), true
	case *EmployersUnlinked:
		return d.Employer.Employer(), d.With.Employer(), true
	}
	return Employer{}, Employer{}, false
}

// ReplacesOf is the event that the data corrects, or nil. A plan that was refused
// corrects nothing, whatever it was offered to correct.
func ReplacesOf(d Data) *Ref {
	switch d := d.(type) {
	case *EmployerDescribed:
		return d.Replaces
	case *VisitPlanned:
		return d.Replaces
	case *VisitMoved:
		return d.Replaces
	case *VisitCalledOff:
		return d.Replaces
	case *VisitMade:
		return d.Replaces
	case *ServiceDelivered:
		return d.Replaces
	case *PlacementMade:
		return d.Replaces
	case *PlacementEnded:
		return d.Replaces
	case *ContactAppointed:
		return d.Replaces
	case *ContactReleased:
		return d.Replaces
	case *VacancyReported:
		return d.Replaces
	case *VacancyFilled:
		return d.Replaces
	case *VacancyWithdrawn:
		return d.Replaces
	case *SignalNoted:
		return d.Replaces
	}
	return nil
}
