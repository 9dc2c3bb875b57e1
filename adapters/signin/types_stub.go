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
func (p *Person) Caller() ledger.Caller { return ledger.Caller{} }

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
type Door struct{}

var errStub = errors.New("stub")

func (d *Door) Person(r *http.Request) (*Person, bool)                                { return nil, false }
func (d *Door) Ways() Ways                                                            { return Ways{} }
func (d *Door) Begin(w http.ResponseWriter, r *http.Request, next string) error       { return errStub }
func (d *Door) Callback(w http.ResponseWriter, r *http.Request) (string, error)       { return "", errStub }
func (d *Door) OneClick(w http.ResponseWriter, r *http.Request, id string) error      { return errStub }
func (d *Door) SignOut(w http.ResponseWriter, r *http.Request)                        {}
func (d *Door) Sessions(r *http.Request) []Session                                    { return nil }
func (d *Door) End(r *http.Request, session string) error                             { return errStub }
func (d *Door) SetPhone(r *http.Request, phone string) error                          { return errStub }

func (d *Door) Peek(r *http.Request) (*Person, bool) { return nil, false }
