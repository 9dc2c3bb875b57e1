package projections

import (
	"fmt"
	"slices"

	"huisboek/events"
)

// identity is the one under which a partner of these books speaks.
func identity(partner string) string {
	return fmt.Sprintf("urn:nld:oin:0000009900000000%04d", slices.Index(partners, partner)+1)
}

func (a *author) admit(partner string, from events.Date) {
	a.append(theBook, &events.PartnerAdmitted{
		Partner: partner, From: from, Identities: []string{identity(partner)}, Subregion: draw(a, []string{"", "Noord"}),
	})
}

// with is mostly nobody.
func (a *author) with() []string {
	if a.int(0, 2) > 0 {
		return nil
	}
	return []string{identity(draw(a, partners))}
}

// judge says of a plan or a move what the ledger thought of it, and has its maker go
// through a warning now and then.
func (a *author) judge(data events.Data, reasons []string) []string {
	var despite **events.Despite
	switch d := data.(type) {
	case *events.VisitPlanned:
		despite = &d.Despite
	case *events.VisitMoved:
		despite = &d.Despite
	default:
		return reasons
	}
	a.outcome = draw(a, []events.Outcome{events.Free, events.Free, events.Attention, events.Taken})
	if a.outcome == events.Free || a.int(0, 3) > 0 {
		return reasons
	}
	*despite = &events.Despite{}
	(*despite).Reason.Seal = a.seal()
	return append(reasons, "ander-plan", "ondanks")
}

// agree says what partners do together, and what the steward sets.
func (a *author) agree() {
	partner := draw(a, partners)
	switch a.int(0, 7) {
	case 0:
		d := &events.LevelSet{Employer: draw(a, employers), Level: draw(a, []string{"lokaal", "landelijk"}), Reason: a.note()}
		a.append(theBook, d)
	case 1:
		d := &events.EmployerSpared{Employer: draw(a, employers), From: a.date(), Ground: "werkgever", Lifted: a.bool(), Reason: a.note()}
		if a.bool() {
			d.To, d.Purposes = a.date(), []string{"acquisitie"}
		}
		a.append(theBook, d)
	case 2:
		a.append(theBook, a.agreement())
	case 3:
		a.admit(partner, "2026-01-01")
	case 4, 5:
		roots := a.roots(partner, events.TypeVisitPlanned)
		if len(roots) > 0 {
			root := draw(a, roots)
			d := &events.ApproachExtended{Approach: approachID(root), To: a.date()}
			d.Reason.Seal = a.seal()
			a.append(partner, d, root)
		}
	default:
		var others []*events.Record
		for _, r := range a.alive {
			switch r.Event.Data.(type) {
			case *events.VisitPlanned, *events.VisitMade, *events.PlacementMade:
				if r.Partner != partner {
					others = append(others, r)
				}
			}
		}
		if len(others) > 0 {
			r := draw(a, others)
			a.append(partner, &events.JointVisitConfirmed{Event: events.Ref{Source: r.Event.Source, ID: r.Event.ID}}, r.Position)
		}
	}
}

// agreement is one with other numbers than the default one.
func (a *author) agreement() *events.AgreementSet {
	set := events.DefaultAgreement()
	set.From, set.Name = a.date(), "Afspraken"
	set.QuietDays = draw(a, []int{0, 20, 40})
	set.ValidDays = draw(a, []int{10, 60})
	set.LongestDays = draw(a, []int{30, 90})
	set.Actions.OtherPlan = draw(a, []string{events.ActNothing, events.ActWarn, events.ActRefuse})
	set.Actions.Quiet = draw(a, []string{events.ActNothing, events.ActWarn})
	if a.bool() { // what comes later disturbs what was there, and not the other way round
		set.Disturbs = []events.Disturbance{{Purpose: "acquisitie", Disturbs: []string{"acquisitie", "nazorg"}}}
	}
	if a.bool() {
		days := draw(a, []int{3, 35})
		set.Subregions = []events.SubregionTerms{{Subregion: "Noord", QuietDays: &days, ValidDays: &days}}
	}
	return &set
}

// seldom is mostly true of an author of a crowd, and never of another.
func (a *author) seldom() bool { return a.crowded && a.int(0, 4) > 0 }

// crowd brings a plan or a visit among the others.
func (a *author) crowd(data events.Data) {
	if !a.seldom() {
		return
	}
	at, purpose := draw(a, employers[:3]), draw(a, []string{"acquisitie", "acquisitie", "nazorg"})
	if a.bool() {
		at = employers[0]
	}
	switch d := data.(type) {
	case *events.VisitPlanned:
		d.Employer, d.Purpose, d.AtRequest = at, purpose, false
	case *events.VisitMade:
		d.Employer, d.Purpose, d.AtRequest = at, purpose, false
	}
}
