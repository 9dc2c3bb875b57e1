package ledger

import (
	"slices"
	"strings"

	"huisboek/events"
)

// link is what was said last of a pair of employers (docs/design.md, "Links"). It
// stands under both, so that either finds the other.
type link struct {
	Kind     string          `json:"k,omitempty"` // empty: said not to belong together
	Employer string          `json:"e"`           // key of the first; of an opvolger, who is succeeded
	Holds    bool            `json:"h,omitempty"`
	Claims   []claim         `json:"c,omitempty"` // who said so since it was last said otherwise
	Position events.Position `json:"n"`           // of the last word
}

// claim is one who said so; of the steward Partner is the book's own UUID.
type claim struct {
	Partner  string          `json:"p"`
	Position events.Position `json:"n"`
}

// The kinds of a link.
const (
	linkSame      = "dezelfde"
	linkSuccessor = "opvolger"
)

const (
	maxGroup = 500 // employers that are taken together at most
	maxAlone = 50  // employers that what one partner alone says may tie together
)

func linkKey(employer, with string) []byte { return append(employerKey(employer, rowLink), with...) }

// getLink is what stands of a pair; the zero link when nothing was ever said.
func getLink(tx Tx, employer, with string) (n link, err error) {
	_, err = getRow(tx, linkKey(employer, with), &n)
	return n, err
}

// says reports whether the link is of that kind, and of an opvolger in that direction.
func (n *link) says(kind, employer string) bool {
	return n.Kind == kind && kind != "" && (kind != linkSuccessor || n.Employer == employer)
}

func (n *link) positions() []events.Position {
	var list []events.Position
	for _, c := range n.Claims {
		list = append(list, c.Position)
	}
	return list
}

// holdsKey is the row of a link that holds. Groups are found from these rows alone:
// of links that wait there may be thousands.
func holdsKey(employer, with string) []byte { return append(employerKey(employer, rowHolds), with...) }

// sameEmployers are the keys under which an employer is known: itself first, then
// what links make one with it, directly or through others. When there are more
// than maxGroup it is the nearest of them.
func sameEmployers(tx Tx, employer string) []string {
	return reach(tx, employer, func(kind string) bool { return kind == linkSame || kind == linkSuccessor })
}

// tied is everything that links of any kind lead to from an employer, itself first.
func tied(tx Tx, employer string) []string {
	return reach(tx, employer, func(string) bool { return true })
}

// reach is every key that links that hold lead to from an employer, itself first.
func reach(tx Tx, employer string, over func(kind string) bool) []string {
	group := []string{employer}
	var seen map[string]bool
	for i := 0; i < len(group) && len(group) < maxGroup; i++ {
		prefix := employerKey(group[i], rowHolds)
		tx.Scan(prefix, func(k, v []byte) bool {
			if seen == nil {
				seen = map[string]bool{employer: true}
			}
			if other := string(k[len(prefix):]); over(string(v)) && !seen[other] {
				seen[other] = true
				group = append(group, other)
			}
			return len(group) < maxGroup
		})
	}
	return group
}

// linked decides whether a link holds at once, or waits for another to say the same.
func (d *decision) linked(tx Tx, steward bool, e *events.EmployersLinked) (where, error) {
	employer, with := e.Employer.Employer().Key(), e.With.Employer().Key()
	was, err := getLink(tx, employer, with)
	if err != nil {
		return where{}, err
	}
	again := was.says(e.Kind, employer)
	holds := steward || again && (was.Holds || slices.ContainsFunc(was.Claims, func(c claim) bool { return !slices.Contains(d.own, c.Partner) }))
	if !steward && was.Holds && !again {
		d.fail("/data/soort", "anders-gekoppeld")
		return where{}, nil
	}
	if again {
		d.points = append(d.points, was.positions()...)
	}
	d.reasons = []string{ReasonLinkWaits}
	if holds || d.mayLinkAlone(tx, employer, with) {
		d.reasons = []string{ReasonLinkHolds}
	}
	return where{employer: employer}, nil
}

// mayLinkAlone: one of the two is a provisional employer that only this partner
// ever named, and so is everything that it is linked to. Without the latter one
// partner could tie two registered employers together, by way of a provisional
// one of its own. And what is tied together then is small: else it could fill
// another employer's group with its own, so that what belongs there falls out.
func (d *decision) mayLinkAlone(tx Tx, employer, with string) bool {
	if !d.onlyNamer(tx, employer) && !d.onlyNamer(tx, with) {
		return false
	}
	one, other := tied(tx, employer), tied(tx, with)
	size := len(one)
	if !slices.Contains(one, with) {
		size += len(other)
	}
	anothers := func(key string) bool { return !d.onlyNamer(tx, key) }
	return size <= maxAlone && (!slices.ContainsFunc(one, anothers) || !slices.ContainsFunc(other, anothers))
}

const provisional = "voorlopig-"

// onlyNamer reports whether nobody else ever named that provisional employer.
func (d *decision) onlyNamer(tx Tx, key string) bool {
	if !strings.HasPrefix(key, provisional) {
		return false
	}
	named := tx.Get(employerKey(key, rowNamed))
	for by := range slices.Chunk(named, 16) {
		if !slices.ContainsFunc(d.own, func(p string) bool { return string(uuidBytes(p)) == string(by) }) {
			return false
		}
	}
	return len(named) > 0
}

// applyNamed remembers who named a provisional employer, for ever: it is nobody
// else's business to say who that is.
func applyNamed(tx Tx, key, partner string) {
	if !strings.HasPrefix(key, provisional) {
		return
	}
	row, id := employerKey(key, rowNamed), uuidBytes(partner)
	named := tx.Get(row)
	for by := range slices.Chunk(named, 16) {
		if string(by) == string(id) {
			return
		}
	}
	tx.Put(row, append(slices.Clone(named), id...))
}

// unlinked: the steward always may. A partner takes back what it said itself, as
// long as the steward did not say so too.
func (d *decision) unlinked(tx Tx, steward bool, book string, e *events.EmployersUnlinked) (where, error) {
	employer := e.Employer.Employer().Key()
	was, err := getLink(tx, employer, e.With.Employer().Key())
	if err != nil {
		return where{}, err
	}
	said := func(by ...string) bool {
		return slices.ContainsFunc(was.Claims, func(c claim) bool { return slices.Contains(by, c.Partner) })
	}
	switch {
	case steward:
	case was.Kind == "":
		d.fail("/data", "niet-gekoppeld")
	case !said(d.own...) || said(book):
		d.fail("/data", "niet-van-u")
	}
	d.points = append(d.points, was.positions()...)
	return where{employer: employer}, nil
}

// applyLink writes the last word on a pair. Whether a link holds was decided when
// it was recorded, and stands in the verdict.
func applyLink(tx Tx, r *events.Record, did *done) error {
	was, err := getLink(tx, did.Employer, did.With)
	if err != nil {
		return err
	}
	now := link{Employer: did.Employer, Position: r.Position}
	if d, ok := r.Event.Data.(*events.EmployersLinked); ok {
		now.Kind = d.Kind
		now.Holds = slices.Contains(r.Verdict.Reasons, ReasonLinkHolds)
		if was.says(d.Kind, did.Employer) {
			now.Claims = was.Claims
		}
		if !slices.ContainsFunc(now.Claims, func(c claim) bool { return c.Partner == r.Partner }) {
			now.Claims = append(now.Claims, claim{r.Partner, r.Position})
		}
	}
	for _, pair := range [][2]string{{did.Employer, did.With}, {did.With, did.Employer}} {
		if err := putRow(tx, linkKey(pair[0], pair[1]), &now); err != nil {
			return err
		}
		if now.Holds {
			tx.Put(holdsKey(pair[0], pair[1]), []byte(now.Kind))
			noteKind(tx, pair[0], everLinked)
		} else {
			tx.Delete(holdsKey(pair[0], pair[1]))
		}
	}
	return nil
}

func isLink(t events.Type) bool {
	return t == events.TypeEmployersLinked || t == events.TypeEmployersUnlinked
}
