package ledger_test

import (
	"slices"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/events"
)

func (w *world) service(t *rapid.T) {
	n := rapid.IntRange(1, 4).Draw(t, "count")
	w.say(w.party(t), &events.ServiceDelivered{Employer: w.employer(t), Service: "jobcoach", Date: w.day(t, -60, 0), TargetGroup: "DD03", Count: &n}, nil, nil)
}

func (w *world) place(t *rapid.T) {
	w.say(w.party(t), &events.PlacementMade{Employer: w.employer(t), Placement: uuid.NewString(), Start: w.day(t, -90, 0), Kind: "dienstverband", Region: region, TargetGroup: "DD02"}, nil, nil)
}

func (w *world) endPlace(t *rapid.T) {
	s := w.pick(t, func(s *said) bool {
		return is[*events.PlacementMade](s) && !slices.ContainsFunc(w.all, func(o *said) bool { return !o.void && o.root == s.root && is[*events.PlacementEnded](o) })
	})
	p := s.data.(*events.PlacementMade)
	w.say(s.who, &events.PlacementEnded{Placement: p.Placement, End: p.Start.AddDays(rapid.IntRange(0, 90).Draw(t, "days"))}, s.root, nil)
}

func (w *world) vacancy(t *rapid.T) {
	d := vacancy(w.employer(t).KvK, uuid.NewString(), rapid.IntRange(1, 3).Draw(t, "places"))
	d.Date = w.day(t, -30, 0)
	w.say(w.party(t), d, nil, nil)
}

// left is how many places of a vacancy are not filled, and whether it was withdrawn.
func (w *world) left(s *said) (left int, withdrawn bool) {
	left = s.data.(*events.VacancyReported).Count
	for _, o := range w.all {
		if o.void || o.root != s.root {
			continue
		}
		switch f := o.data.(type) {
		case *events.VacancyFilled:
			if f.Count == nil {
				left = -9999
			} else {
				left -= *f.Count
			}
		case *events.VacancyWithdrawn:
			withdrawn = true
		}
	}
	return max(0, left), withdrawn
}

func (w *world) looking(s *said) bool {
	if !is[*events.VacancyReported](s) {
		return false
	}
	left, withdrawn := w.left(s)
	return left > 0 && !withdrawn
}

func (w *world) fill(t *rapid.T) {
	s := w.pick(t, w.looking)
	w.say(s.who, filled(s.data.(*events.VacancyReported).Vacancy, rapid.IntRange(0, 2).Draw(t, "count")), s.root, nil)
}

func (w *world) withdraw(t *rapid.T) {
	s := w.pick(t, w.looking)
	w.say(s.who, &events.VacancyWithdrawn{Vacancy: s.data.(*events.VacancyReported).Vacancy}, s.root, nil)
}

func (w *world) signal(t *rapid.T) {
	w.say(w.party(t), &events.SignalNoted{Employer: w.employer(t), Theme: "groei", Date: w.day(t, -40, 0)}, nil, nil)
}
