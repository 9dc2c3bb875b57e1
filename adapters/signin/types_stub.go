// Package signin stands here until its room is merged.
package signin

import (
	"errors"
	"net/http"
	"time"

	"huisboek/ledger"
)

// Duty is what somebody does here.
type Duty string

// The duties.
const (
	AccountManager Duty = "accountmanager"
	PartnerManager Duty = "partnerbeheerder"
	Board          Duty = "bestuur"
	Steward        Duty = "regisseur"
	Auditor        Duty = "auditor"
)

// Person is who looks.
type Person struct {
	ID                                    string
	Duty                                  Duty
	Partner, Employee, Name, Phone, Email string
}

// Caller is as whom its questions are asked.
func (p *Person) Caller() ledger.Caller {
	role := map[Duty]ledger.Role{AccountManager: ledger.RolePartner, PartnerManager: ledger.RolePartner, Board: ledger.RoleBoard, Steward: ledger.RoleSteward, Auditor: ledger.RoleAuditor}[p.Duty]
	return ledger.Caller{Role: role, Partner: p.Partner, Credential: p.ID, Door: ledger.DoorHTTP}
}

// Session is one.
type Session struct {
	ID          string
	Began, Used time.Time
	Agent       string
	Current     bool
}

// Ways are what a sign-in page offers.
type Ways struct {
	Provider     bool
	ProviderName string
	OneClick     []Person
}

// Door is.
type Door struct{ People []Person }

var errStub = errors.New("stub")

func (d *Door) Person(r *http.Request) (*Person, bool) {
	c, err := r.Cookie("sid")
	if err != nil {
		return nil, false
	}
	for i := range d.People {
		if d.People[i].ID == c.Value {
			return &d.People[i], true
		}
	}
	return nil, false
}
func (d *Door) Peek(r *http.Request) (*Person, bool)                            { return d.Person(r) }
func (d *Door) Ways() Ways                                                      { return Ways{OneClick: d.People} }
func (d *Door) Begin(w http.ResponseWriter, r *http.Request, next string) error { return errStub }
func (d *Door) Callback(w http.ResponseWriter, r *http.Request) (string, error) { return "", errStub }
func (d *Door) OneClick(w http.ResponseWriter, r *http.Request, id string) error {
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: id, Path: "/"})
	return nil
}
func (d *Door) SignOut(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: "sid", Value: "", Path: "/", MaxAge: -1})
}
func (d *Door) Sessions(r *http.Request) []Session {
	return []Session{{ID: "s1", Began: time.Now(), Used: time.Now(), Agent: "Firefox, Linux", Current: true}}
}
func (d *Door) End(r *http.Request, session string) error    { return nil }
func (d *Door) SetPhone(r *http.Request, phone string) error { return nil }
