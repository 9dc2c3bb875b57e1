package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/adapters/boltstore"
	"huisboek/adapters/natsserver"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// reportFunc is told how far long work has come.
type reportFunc = func(what string, done, total uint64)

// adminVerb is one thing that the administration can ask of a house, whether it
// comes over the socket or from this process.
type adminVerb func(h *house, ctx context.Context, params []byte, progress reportFunc) (any, error)

// localCaller is the steward at the machine itself: whoever may open the socket
// or the files could do all of it anyway.
var localCaller = ledger.Caller{Role: ledger.RoleSteward, Credential: ledger.DoorLocal, Door: ledger.DoorLocal}

var adminVerbs = map[string]adminVerb{
	"partner-add":    verb((*house).addPartner),
	"partner-list":   verb((*house).listPartners),
	"partner-remove": verb((*house).removePartner),
	"access-add":     verb((*house).addAccess),
	"access-list":    verb((*house).listAccess),
	"access-rotate":  verb((*house).rotateAccess),
	"access-remove":  verb((*house).removeAccess),
	"erase":          verb((*house).erase),
	"verify":         verb((*house).verify),
	"rebuild":        verb((*house).rebuild),
}

type newPartner struct {
	OIN       string      `json:"oin,omitempty"`
	KvK       string      `json:"kvk,omitempty"`
	Name      string      `json:"naam"`
	Kind      string      `json:"soort"`
	From      events.Date `json:"per,omitempty"`
	Gemeenten []string    `json:"gemeentecodes,omitempty"`
	Subregion string      `json:"subregio,omitempty"`
}

// admitted is a new partner with its secrets, which are shown this once.
type admitted struct {
	Partner string `json:"partner"`
	Name    string `json:"naam"`
	Creds   string `json:"creds"` // the text of the .creds file
	Token   string `json:"token"`
}

func (p *newPartner) identity() (string, error) {
	switch {
	case p.OIN != "" && p.KvK == "":
		return "urn:nld:oin:" + p.OIN, nil
	case p.KvK != "" && p.OIN == "":
		return "urn:nld:kvknr:" + p.KvK, nil
	}
	return "", errors.New("a partner has an OIN, or a KvK number when it is a private organisation")
}

// addPartner records that a partner takes part and gives it an account and a
// token. After a crash half-way the same words finish it.
func (h *house) addPartner(ctx context.Context, p newPartner, _ reportFunc) (*admitted, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	identity, err := p.identity()
	if err != nil {
		return nil, err
	}
	id, err := h.admit(ctx, identity, p)
	if err != nil {
		return nil, err
	}
	creds, err := h.giveAccount(id, p.Name)
	if err != nil {
		return nil, err
	}
	_, token, err := h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: id, Name: p.Name, Kind: access.KindToken})
	if err != nil {
		return nil, err
	}
	return &admitted{id, p.Name, creds, token}, nil
}

// admit records partner-toegelaten, unless the identity is a partner's already
// that has no credentials yet.
func (h *house) admit(ctx context.Context, identity string, p newPartner) (string, error) {
	known, err := h.partnerBy(identity)
	if err != nil {
		return "", err
	}
	id := uuid.NewString()
	if known != nil {
		id = known.ID
		if known.Until == "" {
			if h.hasCredential(id) {
				return "", fmt.Errorf("%s takes part already as %s (%s); use huisboek access to give it another credential", identity, known.Name, known.ID)
			}
			return id, nil
		}
	}
	if p.From == "" {
		p.From = events.DateOf(h.Now())
	}
	return id, h.say(ctx, &events.PartnerAdmitted{
		Partner: id, Identities: []string{identity}, Name: p.Name, Kind: p.Kind, From: p.From,
		Gemeenten: p.Gemeenten, Subregion: p.Subregion,
	})
}

// say records an event of the steward.
func (h *house) say(ctx context.Context, d events.Data) error {
	source := "urn:nld:oin:" + h.ledger.StewardOIN() + ":systeem:huisboek"
	e, err := events.NewEvent(source, uuid.NewString(), h.Now(), d)
	if err != nil {
		return err
	}
	_, err = h.ledger.Record(ctx, ledger.Submission{Event: e, Caller: localCaller})
	return err
}

func (h *house) giveAccount(partner, name string) (creds string, err error) {
	credential, _, err := h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: partner, Name: name, Kind: access.KindNATS})
	if err != nil {
		return "", err
	}
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		return "", err
	}
	if err := h.access.SetAccount(access.Account{Partner: partner, Name: name, Seed: seed, Credential: credential.ID}); err != nil {
		return "", err
	}
	if err := h.server.AddPartner(natsserver.Account{Key: seed, Name: name}); err != nil {
		return "", err
	}
	_, text, err := natsserver.Creds(seed, name, time.Time{})
	return string(text), err
}

func (h *house) hasCredential(partner string) bool {
	return slices.ContainsFunc(h.access.List(), func(c access.Credential) bool {
		return c.Partner == partner && c.Kind == access.KindToken // the last thing that addPartner makes
	})
}

// partnerBy finds a partner by UUID or identity; nil when there is none.
func (h *house) partnerBy(word string) (*ledger.Partner, error) {
	all, err := h.ledger.Partners()
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		if p.ID == word || slices.Contains(p.Identities, word) {
			return &all[i], nil
		}
	}
	return nil, nil
}

// partnerCalled finds a partner by what people call it: also by its OIN, KvK
// number or name. A name that two have names neither.
func (h *house) partnerCalled(word string) (*ledger.Partner, error) {
	for _, id := range []string{word, "urn:nld:oin:" + word, "urn:nld:kvknr:" + word} {
		if p, err := h.partnerBy(id); p != nil || err != nil {
			return p, err
		}
	}
	all, err := h.ledger.Partners()
	if err != nil {
		return nil, err
	}
	var found *ledger.Partner
	for i, p := range all {
		switch {
		case p.Name != word:
		case found != nil:
			return nil, fmt.Errorf("more than one partner is called %q: give the UUID or OIN; huisboek partner list shows them", word)
		default:
			found = &all[i]
		}
	}
	return found, nil
}

func (h *house) mustPartner(word string) (*ledger.Partner, error) {
	p, err := h.partnerCalled(word)
	if err == nil && p == nil {
		return nil, fmt.Errorf("no partner %q: huisboek partner list shows them", word)
	}
	return p, err
}

func (h *house) listPartners(context.Context, struct{}, reportFunc) ([]ledger.Partner, error) {
	p, err := h.ledger.Partners()
	if p == nil {
		p = []ledger.Partner{}
	}
	return p, err
}

type oldPartner struct {
	Partner string      `json:"partner"`
	From    events.Date `json:"per,omitempty"`
}

// removePartner ends a partner's part: its credentials at once, its part from a
// day on. What it said stays. After a crash half-way the same words finish it.
func (h *house) removePartner(ctx context.Context, q oldPartner, _ reportFunc) (*ledger.Partner, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	p, err := h.mustPartner(q.Partner)
	if err != nil {
		return nil, err
	}
	if q.From == "" {
		q.From = events.DateOf(h.Now())
	}
	credentials := slices.DeleteFunc(h.access.List(), func(c access.Credential) bool { return c.Partner != p.ID })
	switch {
	case p.Until == "":
		if err := h.say(ctx, &events.PartnerDeparted{Partner: p.ID, From: q.From}); err != nil {
			return nil, err
		}
	case len(credentials) == 0:
		return nil, fmt.Errorf("%s has left already, per %s", p.Name, p.Until)
	}
	for _, c := range credentials {
		if err := h.endCredential(c); err != nil {
			return nil, err
		}
	}
	return h.partnerBy(p.ID)
}

func (h *house) endCredential(c access.Credential) error {
	if c.Kind == access.KindNATS {
		for _, a := range h.access.Accounts() {
			if a.Credential == c.ID {
				if err := h.server.RemovePartner(a.PublicKey); err != nil {
					return err
				}
			}
		}
	}
	return h.access.Remove(c.ID)
}

type newAccess struct {
	Role    ledger.Role `json:"rol"`
	Partner string      `json:"partner,omitempty"`
	Name    string      `json:"naam,omitempty"`
}

type givenAccess struct {
	access.Credential
	Token string `json:"token"`
}

func (h *house) addAccess(_ context.Context, q newAccess, _ reportFunc) (*givenAccess, error) {
	c := access.Credential{Role: q.Role, Name: q.Name, Kind: access.KindToken}
	if q.Partner != "" {
		p, err := h.mustPartner(q.Partner)
		if err != nil {
			return nil, err
		}
		c.Role, c.Partner = ledger.RolePartner, p.ID
	}
	made, token, err := h.access.Add(c)
	return &givenAccess{made, token}, err
}

func (h *house) listAccess(context.Context, struct{}, reportFunc) ([]access.Credential, error) {
	return h.access.List(), nil
}

type oneAccess struct {
	ID string `json:"id"`
}

func (h *house) rotateAccess(_ context.Context, q oneAccess, _ reportFunc) (*givenAccess, error) {
	token, err := h.access.Rotate(q.ID)
	if err != nil {
		return nil, err
	}
	c, err := h.credential(q.ID)
	return &givenAccess{c, token}, err
}

func (h *house) removeAccess(_ context.Context, q oneAccess, _ reportFunc) (*access.Credential, error) {
	c, err := h.credential(q.ID)
	if err != nil {
		return nil, err
	}
	return &c, h.endCredential(c)
}

func (h *house) credential(id string) (access.Credential, error) {
	for _, c := range h.access.List() {
		if c.ID == id {
			return c, nil
		}
	}
	return access.Credential{}, fmt.Errorf("%w: %s; huisboek access list shows them", access.ErrNoCredential, id)
}

// firstSteward makes the first steward's credential, in a file that only the
// owner of the folder reads.
func (h *house) firstSteward(context.Context) error {
	for _, c := range h.access.List() {
		if c.Role == ledger.RoleSteward {
			return nil
		}
	}
	_, token, err := h.access.Add(access.Credential{Role: ledger.RoleSteward, Name: "eerste steward", Kind: access.KindToken})
	if err != nil {
		return err
	}
	return writeFile(h.folder.path(fileSteward), []byte(token+"\n"))
}

type eraseWords struct {
	Partner  string      `json:"partner,omitempty"`
	Employee string      `json:"medewerker,omitempty"`
	Employer string      `json:"werkgever,omitempty"`
	Texts    bool        `json:"teksten,omitempty"`
	Event    *events.Ref `json:"melding,omitempty"`
	Ground   string      `json:"grond"`
}

func (h *house) erase(ctx context.Context, q eraseWords, _ reportFunc) (*ledger.Erasure, error) {
	r := ledger.EraseRequest{Employee: q.Employee, Texts: q.Texts, Event: q.Event, Ground: q.Ground}
	if q.Partner != "" {
		p, err := h.mustPartner(q.Partner)
		if err != nil {
			return nil, err
		}
		r.Partner = p.ID
	}
	if q.Employer != "" {
		e, err := events.ParseEmployerKey(q.Employer)
		if err != nil {
			return nil, fmt.Errorf("%q is no employer: %w", q.Employer, err)
		}
		r.Employer = e.Key()
	}
	h.erasing.Lock()
	defer h.erasing.Unlock()
	done, err := h.ledger.Erase(ctx, r, localCaller)
	if err != nil {
		return nil, err
	}
	if err := h.waitForViews(ctx); err != nil {
		return nil, err
	}
	return &done, h.views.Compact()
}

// finding is one thing that verify looked at.
type finding struct {
	What  string `json:"wat"`
	Fault string `json:"fout,omitempty"` // "" is well
	Fine  string `json:"goed,omitempty"`
}

// verify reads everything, and makes the book's rows and the views again from
// zero to compare them.
func (h *house) verify(ctx context.Context, _ struct{}, progress reportFunc) ([]finding, error) {
	var found []finding
	note := func(what, fine string, err error) {
		f := finding{What: what, Fine: fine}
		if err != nil {
			f.Fine, f.Fault = "", err.Error()
		}
		found = append(found, f)
	}
	err := h.verifyStreams(ctx, progress)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	note("records and keys", fmt.Sprintf("%d records, chain whole, every key there", h.ledger.Position()), err)
	if err != nil {
		h.haltOnDamage(err)
		return found, nil // nothing can be rebuilt from a damaged stream
	}
	note("book", "equals its rebuild", h.compareBook(ctx, progress))
	note("views", "equal their rebuild", h.compare(ctx, "huisboek rebuild makes them anew", h.views, projections.NewViews(), projections.KeyName, progress))
	return found, ctx.Err()
}

// compareBook compares the book's rows with their rebuild. Whose a key was can be
// told only as long as it is there: an erasure meanwhile would look like a
// difference, and so would one that the file does not have yet.
func (h *house) compareBook(ctx context.Context, progress reportFunc) error {
	h.erasing.Lock()
	defer h.erasing.Unlock()
	book, err := h.bookStore()
	if err != nil {
		return err
	}
	if err := h.ledger.Flush(); err != nil {
		return err
	}
	return h.compare(ctx, "stop the book and move "+fileFold+" away, and the next start makes it anew", book, h.ledger.Fold(), nil, progress)
}

// compare rebuilds a fold in a file of its own, up to where the live one stands.
// remedy is what helps when the two differ.
func (h *house) compare(ctx context.Context, remedy string, live projections.Store, fold projections.Fold, name func([]byte) string, progress reportFunc) error {
	dir, err := os.MkdirTemp(h.Dir, ".verify-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file, err := boltstore.OpenFile(filepath.Join(dir, "rows.db"), boltstore.Options{NoSync: true})
	if err != nil {
		return err
	}
	defer file.Close()
	fresh, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		return err
	}
	return live.View(func(tx projections.Tx, at events.Checkpoint) error {
		err := projections.RebuildUntil(ctx, h.stream, fold, fresh, at.Position, func(done, total events.Position) {
			progress(fold.Name(), uint64(done), uint64(total))
		})
		if err != nil {
			return err
		}
		difference, err := projections.CompareView(tx, at, fresh, name)
		if err == nil && difference != "" {
			err = fmt.Errorf("not the same as a rebuild (first what is kept, then the rebuild): %s; %s", difference, remedy)
		}
		return err
	})
}

type rebuilt struct {
	Position   events.Position `json:"positie"`
	Took       string          `json:"duur"`
	Difference string          `json:"verschil,omitempty"`
}

// rebuild makes the views again from the stream, while serving.
func (h *house) rebuild(ctx context.Context, _ struct{}, progress reportFunc) (*rebuilt, error) {
	began := time.Now()
	difference, err := h.views.Rebuild(ctx, h.stream, projections.NewViews(), func(done, total events.Position) {
		progress("views", uint64(done), uint64(total))
	})
	return &rebuilt{h.runner.Position(), time.Since(began).Round(time.Millisecond).String(), difference}, err
}

// localFailure is the type of a problem that only the administration is told.
const localFailure = "about:blank"

// asProblem is what the administration is told of an error: refusals as partners
// see them, anything else in its own words, for this is the machine's owner.
func asProblem(err error) ledger.Problem {
	p := ledger.ProblemOf(err)
	if p.Status == http.StatusInternalServerError || p.Status == http.StatusServiceUnavailable {
		p.Type, p.Detail = localFailure, strings.TrimSpace(err.Error())
	}
	return p
}
