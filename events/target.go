package events

// What a target counts.
const (
	MeasurePlacements = "plaatsingen"
	MeasureJobs       = "banen" // of 25.5 paid hours a week, pro rata: an indication (docs/targets.md)
	MeasureVisits     = "bezoeken"
	MeasureReached    = "werkgevers-bereikt" // employers with at least one visit, each once
	MeasureServices   = "diensten"
	MeasureFilled     = "vacatures-vervuld"
)

// What becomes of what a partner did before it left.
const (
	PastStays  = "blijft"
	PastLeaves = "vertrekt"
)

// TargetSet is what the region agreed to reach. Another one with the same doelstelling
// is a new version, which holds from when it was recorded: what was asked as known
// before that stays as it was.
type TargetSet struct {
	Target     string        `json:"doelstelling" check:"required,uuid"`
	Name       string        `json:"naam" check:"required,max=200,label"`
	Period     *Period       `json:"periode" check:"required"`
	Measure    string        `json:"maat" check:"required,enum=maat"`
	Number     int           `json:"aantal" check:"required,min=1,max=100000000"`
	Groups     []string      `json:"doelgroepen,omitempty" check:"min=1,max=10,enum=doelgroep"`
	Register   *bool         `json:"doelgroepregister,omitempty"` // only who is in it, or only who is not
	Sector     string        `json:"sector,omitempty" check:"enum=sector"`
	Subregion  string        `json:"subregio,omitempty" check:"max=100,label"` // of the partner
	Shares     []TargetShare `json:"aandelen,omitempty" check:"min=1,max=60"`
	Path       []TargetPoint `json:"pad,omitempty" check:"min=1,max=60"` // absent: straight
	Definition Definition    `json:"definitie" check:"required"`
	Decision   string        `json:"besluit,omitempty" check:"max=200,label"` // where it was decided
	Reason     string        `json:"reden,omitempty" check:"max=200,label"`   // of a new version
}

// Definition says what counts. An absent member asks nothing.
type Definition struct {
	Kinds      []string    `json:"soorten,omitempty" check:"min=1,max=10,enum=plaatsingSoort"` // of placements and jobs
	Services   []string    `json:"diensten,omitempty" check:"min=1,max=20,enum=dienst"`
	Purposes   []string    `json:"doelen,omitempty" check:"min=1,max=10,enum=doel"` // of visits
	LeastHours *Hundredths `json:"urenMinstens,omitempty" check:"hundredths,min=0,max=168"`
	LeastDays  *int        `json:"dagenMinstens,omitempty" check:"min=1,max=3660"` // lasting: counts on the day on which it has lasted so many days, and never when it ended before
	Standing   bool        `json:"lopend,omitzero"`                                // counts only while it lasts
	Note       string      `json:"toelichting,omitempty" check:"max=500,label"`
}

// TargetShare is what one partner takes on. Shares need not add up to the number.
type TargetShare struct {
	Partner string `json:"partner" check:"required,max=255,identity"`
	Number  int    `json:"aantal" check:"required,min=0,max=100000000"`
}

// TargetPoint is how much is to be reached by the end of a day.
type TargetPoint struct {
	Day    Date `json:"datum" check:"required,date"`
	Number int  `json:"aantal" check:"required,min=0,max=100000000"`
}

// TargetDropped says that a target is no longer one.
type TargetDropped struct {
	Target string `json:"doelstelling" check:"required,uuid"`
	Reason string `json:"reden,omitempty" check:"max=200,label"`
}

// PlacementsMatched says that two reports of different partners are of one placement.
// Of a pair the last word counts, of the steward or of both.
type PlacementsMatched struct {
	Placement *Ref             `json:"plaatsing" check:"required"`
	With      *Ref             `json:"met" check:"required"`
	Reason    Personal[string] `json:"reden,omitzero" check:"text"`
}

// PlacementsDistinct says that two reports that look alike are of two placements, or
// takes back that they are of one.
type PlacementsDistinct struct {
	Placement *Ref             `json:"plaatsing" check:"required"`
	With      *Ref             `json:"met" check:"required"`
	Reason    Personal[string] `json:"reden,omitzero" check:"text"`
}

// EmployersCounted is how many employers there are, of which reach is a share: from a
// day on, until there are newer numbers of the same municipality.
type EmployersCounted struct {
	From   Date            `json:"per" check:"required,date"`
	Origin string          `json:"bron" check:"required,max=200,label"`
	Counts []EmployerCount `json:"aantallen" check:"required,min=1,max=1000"`
}

// EmployerCount is the number of employers of one municipality and size; without a
// size, of all sizes.
type EmployerCount struct {
	Gemeente string `json:"gemeentecode" check:"required,gemeente"`
	Size     string `json:"grootteklasse,omitempty" check:"enum=grootteklasse"`
	Count    int    `json:"aantal" check:"required,min=0,max=10000000"`
}

// Type implements Data.
func (*TargetSet) Type() Type { return TypeTargetSet }

// Type implements Data.
func (*TargetDropped) Type() Type { return TypeTargetDropped }

// Type implements Data.
func (*PlacementsMatched) Type() Type { return TypePlacementsMatched }

// Type implements Data.
func (*PlacementsDistinct) Type() Type { return TypePlacementsDistinct }

// Type implements Data.
func (*EmployersCounted) Type() Type { return TypeEmployersCounted }

// OfPlacements reports whether the target counts placements, as persons or as jobs.
func (d *TargetSet) OfPlacements() bool {
	return d.Measure == MeasurePlacements || d.Measure == MeasureJobs
}
