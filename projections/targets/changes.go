package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// Why a standing changed (docs/targets.md).
const (
	ChangeReported  = "gemeld"
	ChangeCorrected = "gecorrigeerd"
	ChangeRetracted = "ingetrokken"
	ChangeEnded     = "beeindigd"
	ChangeJoint     = "samenwerking-bevestigd"
	ChangeSame      = "gelijkgesteld"
	ChangeDistinct  = "onderscheiden"
	ChangeTarget    = "doelstelling-gewijzigd"
	ChangeAdmitted  = "partner-toegelaten"
	ChangeDeparted  = "partner-vertrokken"
	ChangeSucceeded = "partner-opgevolgd"
	ChangeLinked    = "werkgever-gekoppeld"
	ChangeUnlinked  = "werkgever-ontkoppeld"
	ChangeReleased  = "vrijgegeven"
)

var changes = map[string][2]string{
	ChangeReported:  {"Er is iets gemeld dat meetelt.", "Something was reported that counts."},
	ChangeCorrected: {"Een melding is gecorrigeerd.", "A report was corrected."},
	ChangeRetracted: {"Een melding is ingetrokken.", "A report was retracted."},
	ChangeEnded:     {"Er is gemeld wanneer een plaatsing eindigde.", "It was reported when a placement ended."},
	ChangeJoint:     {"Een partner heeft bevestigd mee te doen.", "A partner confirmed to take part."},
	ChangeSame:      {"Van twee meldingen is gezegd dat zij dezelfde plaatsing zijn.", "Two reports were said to be of the same placement."},
	ChangeDistinct:  {"Van twee meldingen is gezegd dat zij twee plaatsingen zijn.", "Two reports were said to be of two placements."},
	ChangeTarget:    {"De doelstelling kreeg een nieuwe versie.", "The target got a new version."},
	ChangeAdmitted:  {"Een partner doet mee, of er is iets van haar gewijzigd.", "A partner takes part, or something of it changed."},
	ChangeDeparted:  {"Een partner is vertrokken.", "A partner left."},
	ChangeSucceeded: {"Een partner gaat verder met het werk van een andere.", "A partner goes on with the work of another."},
	ChangeLinked:    {"Twee werkgevers blijken bij elkaar te horen.", "Two employers turned out to belong together."},
	ChangeUnlinked:  {"Twee werkgevers blijken niet bij elkaar te horen.", "Two employers turned out not to belong together."},
	ChangeReleased:  {"Aan het eind van de maand is vrijgegeven wat erbij kwam of afging.", "At the end of the month what came or went was released."},
}

// ChangeSentence says why a standing changed.
func ChangeSentence(why string) events.Sentence {
	return events.Sentence{NL: changes[why][0], EN: changes[why][1]}
}

// whyOf is the code of a line.
func whyOf(l *projections.Line) string {
	switch l.Type {
	case events.TypeEventRetracted:
		return ChangeRetracted
	case events.TypeJointVisitConfirmed:
		return ChangeJoint
	case events.TypePlacementsMatched:
		return ChangeSame
	case events.TypePlacementsDistinct:
		return ChangeDistinct
	case events.TypeTargetSet:
		return ChangeTarget
	case events.TypePartnerAdmitted:
		return ChangeAdmitted
	case events.TypePartnerDeparted:
		return ChangeDeparted
	case events.TypePartnerSucceeded:
		return ChangeSucceeded
	case events.TypeEmployersLinked:
		return ChangeLinked
	case events.TypeEmployersUnlinked:
		return ChangeUnlinked
	}
	switch {
	case l.Target != 0:
		return ChangeCorrected
	case l.Type == events.TypePlacementEnded:
		return ChangeEnded
	}
	return ChangeReported
}

// Changes is how a standing on a day came from what was known at one moment to what was
// known at another, later one, change by change; their sums are the differences of the
// total and of the doubts. The question's Today is that of the later moment. What the
// lines of a target of people change is known at the end of a month only: then the
// releases are what changed it.
func (s *Standings) Changes(tx projections.Tx, q Question, from, to Known) ([]Change, error) {
	if from.At.IsZero() || !to.At.IsZero() && to.At.Before(from.At) {
		return nil, nil
	}
	q.On = cmp.Or(q.On, q.Today)
	j := projections.NewJournalReader()
	parts, err := partsOfAll(j, tx, q.Target, to)
	if err != nil {
		return nil, err
	}
	w := &walk{q: q, reader: newReader(q.Reader), f: NewFacts(parts...), released: func(v *Version, upTo string) (Amount, error) {
		r, err := s.Released(tx, v, upTo)
		if err != nil {
			return 0, err
		}
		counted, _ := r.Total(v, min(upTo, lastClosed(q.On, q.Today)))
		return counted, nil
	}}
	begun := false
	var failed error
	err = j.Merged(tx, parts, 0, func(l *projections.Line) bool {
		switch {
		case !to.At.IsZero() && l.At.After(to.At):
			return false
		case !l.At.After(from.At):
			w.f.Apply(l)
			return true
		case !begun:
			failed, begun = w.begin(from.At), true
		}
		if failed == nil {
			failed = w.step(l)
		}
		return failed == nil
	})
	if err == nil && failed == nil && !begun {
		failed = w.begin(from.At)
	}
	if err == nil && failed == nil {
		failed = w.months(lastClosed(q.Today, q.Today))
	}
	return w.changes, cmp.Or(err, failed)
}

// partsOfAll are the parts that any version of a target was counted from.
func partsOfAll(j *projections.JournalReader, tx projections.Tx, target string, to Known) ([]projections.Part, error) {
	parts := []projections.Part{projections.PartRegion, projections.PartEmployers, projections.PartTakenBack}
	err := j.Lines(tx, projections.PartRegion, 0, func(l *projections.Line) bool {
		if !to.At.IsZero() && l.At.After(to.At) {
			return false
		}
		if l.Set != nil && l.ID == target && !slices.Contains(parts, partOf(l.Set.Measure)) {
			parts = append(parts, partOf(l.Set.Measure))
		}
		return true
	})
	slices.Sort(parts)
	return parts, err
}

// note keeps a change, when it is one, and goes on from there.
func (w *walk) note(c Change) error {
	total, err := w.amount()
	if err != nil {
		return err
	}
	c.Moved, c.Doubts = total-w.was, w.doubts.n-w.wasDoubts
	w.was, w.wasDoubts = total, w.doubts.n
	if c.Moved != 0 || c.Doubts != 0 {
		w.changes = append(w.changes, c)
	}
	return nil
}

// months closes months up to one.
func (w *walk) months(upTo string) error {
	for w.closed < upTo {
		w.closed = next(w.closed)
		if w.v == nil || !w.sensitive() {
			continue
		}
		w.doubt()
		at := LastOf(w.closed).AddDays(1).Begins()
		if err := w.note(Change{At: at, Month: w.closed, Why: ChangeReleased}); err != nil {
			return err
		}
	}
	return nil
}

// step takes one line in.
func (w *walk) step(l *projections.Line) error {
	if err := w.months(lastClosed(l.Today, l.Today)); err != nil {
		return err
	}
	c := Change{Position: l.Position, At: l.At, Type: l.Type, Partner: l.Partner, Why: whyOf(l)}
	own, steward := w.reader.own(l.Partner), l.Steward
	shown, err := w.apply(l)
	if err != nil {
		return err
	}
	if !own && !steward && !shown {
		c.Partner = ""
	}
	return w.note(c)
}
