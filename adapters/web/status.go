package web

import (
	"context"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

var describeStatus = description{
	id: "standLezen", summary: "Hoe het boek ervoor staat",
	text: "Voor de regisseur: waar het boek is, of alles bij is, wie er stil is, hoeveel ruimte er nog is, en de laatste backup en controle. Bij aandacht staat in zinnen waar naar gekeken moet worden, het ergste bovenaan.",
	tag:  "beheer",
}

// Status is how a book is: what a steward looks at in the morning.
type Status struct {
	Version  string          `json:"versie"`
	Since    time.Time       `json:"draaitSinds"`
	Position events.Position `json:"positie"`
	UpTo     time.Time       `json:"bijgewerktTot"`  // when that position was recorded; the door fills it in
	LastAt   *time.Time      `json:"laatsteMelding"` // when the last record was recorded
	Records  bool            `json:"legtVast"`       // false: the book halted
	Trouble  string          `json:"storing"`        // why, in one line; empty is well
	Views    []ViewStatus    `json:"beelden"`
	Partners []PartnerStatus `json:"partners" doc:"Op naam; leeg zolang de overzichten opgebouwd worden."`
	Disk     DiskStatus      `json:"schijf"`
	Backup   *Done           `json:"laatsteBackup"`
	Verified *Done           `json:"laatsteControle"`
	// Attention is what somebody should look at, the worst first. The door fills it in.
	Attention []ledger.Reason `json:"aandacht"`
}

// ViewStatus is how far one thing that follows the stream has come.
type ViewStatus struct {
	Name     string          `json:"naam"` // "boek", "beelden" or "zoeken"
	Position events.Position `json:"positie"`
	Lag      events.Position `json:"achterstand"` // records
	Making   bool            `json:"inOpbouw" doc:"Dit onderdeel wordt opnieuw opgebouwd; wat erop rust is er nog niet."`
	Trouble  string          `json:"storing"` // empty is well
}

// PartnerStatus is how one partner is.
type PartnerStatus struct {
	Partner ledger.PartnerName `json:"partner"`
	Last    *time.Time         `json:"laatsteMelding"`
	Days    int                `json:"dagenStil"`
	Usual   int                `json:"gewoonlijk"` // days; 0 is not known
	Silent  bool               `json:"stil"`       // for longer than usual
}

// DiskStatus is what there is of room. Bytes.
type DiskStatus struct {
	Used      int64       `json:"inGebruik"` // the data folder
	Free      int64       `json:"vrij"`      // on its disk
	Stream    int64       `json:"meldingen"` // of Used: the stream of records
	StreamMax int64       `json:"ruimteMeldingen"`
	Keys      int64       `json:"sleutels"` // of Used: the stream of keys
	KeysMax   int64       `json:"ruimteSleutels"`
	PerDay    int64       `json:"perDag"`          // growth of late
	Full      events.Date `json:"volOp,omitempty"` // when what fills first is full at that pace
}

// Done is long work that was done.
type Done struct {
	At       time.Time       `json:"op"`
	Position events.Position `json:"positie"`
	Well     bool            `json:"goed"`
	What     string          `json:"wat"` // a file, or what was found
}

func (s *Server) status(ctx context.Context, v *sight, in *Question) (*Status, error) {
	if s.cfg.Status == nil {
		return nil, problemNoStatus
	}
	if err := s.awaitLedger(ctx, in.since()); err != nil {
		return nil, err
	}
	given, err := s.cfg.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := *given // it may be asked for at the same time by others
	out.settle()
	if !s.cfg.Ready() { // half of what they told says nothing of how silent they are
		out.Partners = []PartnerStatus{}
	}
	out.Attention = append(out.attention(v.today), s.notYet()...)
	fresh, err := s.freshness(ctx, out.Position)
	out.UpTo = fresh.UpTo
	return &out, err
}

// settle makes every moment one of UTC and every list a list.
func (s *Status) settle() {
	s.Since = s.Since.UTC()
	s.LastAt = inUTC(s.LastAt)
	s.Views = append([]ViewStatus{}, s.Views...)
	s.Partners = append([]PartnerStatus{}, s.Partners...)
	for i := range s.Partners {
		s.Partners[i].Last = inUTC(s.Partners[i].Last)
	}
	s.Backup, s.Verified = s.Backup.settled(), s.Verified.settled()
}

func (d *Done) settled() *Done {
	if d == nil {
		return nil
	}
	out := *d
	out.At = d.At.UTC()
	return &out
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
