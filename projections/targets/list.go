package targets

import (
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// Targets are the last versions of all targets as known now or then, dropped ones too,
// in the order in which they were first set.
func (s *Standings) Targets(tx projections.Tx, known Known) (list []Version, err error) {
	err = s.knowing(tx, known, func(f *Facts) error {
		list = slices.Clone(f.Targets())
		return nil
	})
	return list, err
}

// Versions is one target as known now or then, from its first version.
func (s *Standings) Versions(tx projections.Tx, target string, known Known) (list []Version, err error) {
	err = s.knowing(tx, known, func(f *Facts) error {
		list = slices.Clone(f.Versions(target))
		return nil
	})
	return list, err
}

// knowing runs fn on what was said of the region by then.
func (s *Standings) knowing(tx projections.Tx, known Known, fn func(f *Facts) error) error {
	if known.At.IsZero() {
		return s.Now(tx, fn)
	}
	f, err := s.As(tx, known, projections.PartRegion)
	if err != nil {
		return err
	}
	return fn(f)
}

var likes = map[string][2]string{
	LikeEmployer: {"Dezelfde werkgever.", "The same employer."},
	LikeKind:     {"Dezelfde soort plaatsing.", "The same kind of placement."},
	LikeMonth:    {"Begonnen in dezelfde maand.", "Begun in the same month."},
	LikeStrongly: {"Ook verder lijken zij sterk op elkaar.", "In other ways, too, they are much alike."},
}

// LikeSentence says why two reports may be of one placement: of the codes of
// [Double.Hints].
func LikeSentence(code string) events.Sentence {
	return events.Sentence{NL: likes[code][0], EN: likes[code][1]}
}
