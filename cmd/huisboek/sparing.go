package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"huisboek/events"
)

// stewardWord is what the steward says of one employer, with why.
type stewardWord struct {
	Employer      string `json:"werkgever"` // key
	Establishment string `json:"vestigingsnummer,omitempty"`
	Reason        string `json:"reden,omitempty"`
}

func (w *stewardWord) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&w.Establishment, "establishment", "", "of one establishment, its number of 12 digits (default: of the whole employer)")
	f.StringVar(&w.Reason, "reason", "", "why, for who looks it up later; sealed")
	typedOnly(f, "establishment")
	typedOnly(f, "reason")
}

// employer is whom it is about.
func (w *stewardWord) employer() (events.Employer, error) {
	whole, err := wholeEmployer(w.Employer)
	if err != nil {
		return events.Employer{}, err
	}
	e := whole.Employer()
	e.Establishment = w.Establishment
	return e, nil
}

func (w *stewardWord) reason() events.Personal[string] {
	if w.Reason == "" {
		return events.Personal[string]{}
	}
	return events.Plainly(w.Reason)
}

// place is the employer as people are told of it.
func (w *stewardWord) place() string {
	if w.Establishment == "" {
		return w.Employer
	}
	return "establishment " + w.Establishment + " of " + w.Employer
}

// levelWord is on what level an employer is approached.
type levelWord struct {
	stewardWord
	Level string `json:"niveau"`
}

// levelSaid is a level that was recorded.
type levelSaid struct {
	levelWord
	Position events.Position `json:"positie"`
}

// setLevel records as the steward who approaches an employer.
func (h *house) setLevel(ctx context.Context, p levelWord, _ reportFunc) (*levelSaid, error) {
	e, err := p.employer()
	if err != nil {
		return nil, err
	}
	r, err := h.receiptOf(ctx, &events.LevelSet{Employer: e, Level: p.Level, Reason: p.reason()})
	if err != nil {
		return nil, err
	}
	return &levelSaid{p, r.Position}, nil
}

func employerLevel() *cobra.Command {
	var l local
	var p levelWord
	c := &cobra.Command{
		Use:   "level --data DIR EMPLOYER lokaal|regionaal|landelijk",
		Short: "Say, as the steward, who approaches an employer",
		Long: `Say, as the region's steward, on what level an employer is approached: records
niveau-vastgesteld, and it holds at once. EMPLOYER is a KvK number, voorlopig-<uuid> or
<land>-<register>-<nummer>. The levels:
  lokaal      by the partner that serves its municipality
  regionaal   by the partners together
  landelijk   by the partners together
Of an employer the last word counts. What happens when somebody else goes, or goes
alone, is in the agreement: optreden/gebied and optreden/alleen.`,
		Example: `  huisboek employer level --data ./data 69599084 regionaal --reason "besproken in het beraad"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usageError("employer level needs an EMPLOYER and a level: lokaal, regionaal or landelijk")
			}
			return nil
		},
		RunE: work(func(cmd *cobra.Command, args []string) error {
			p.Employer, p.Level = args[0], args[1]
			if _, err := p.employer(); err != nil {
				return usageError(err.Error())
			}
			text, ok := levelTexts[p.Level]
			if !ok {
				return usageError(fmt.Sprintf("%q is no level: give lokaal, regionaal or landelijk", p.Level))
			}
			said, err := ask[*levelSaid](cmd, &l, "employer-level", p)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), said)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "From now on %s is approached %s (position %d).\n", p.place(), text, said.Position)
			return nil
		}),
	}
	l.flags(c)
	p.flags(c)
	return c
}

var levelTexts = map[string]string{
	"lokaal":    "by the partner that serves its municipality",
	"regionaal": "by the partners of the region together",
	"landelijk": "by the partners together, on a national level",
}

// spareWord is that an employer is left in peace, or no longer.
type spareWord struct {
	stewardWord
	From     events.Date `json:"van,omitempty"`
	To       events.Date `json:"tot,omitempty"`
	Ground   string      `json:"grond,omitempty"`
	Purposes []string    `json:"doelen,omitempty"`
	Lift     bool        `json:"opgeheven,omitzero"`
}

// spareSaid is such a word that was recorded.
type spareSaid struct {
	spareWord
	Position events.Position `json:"positie"`
	Action   string          `json:"optreden"` // what the agreement in force does about a plan
}

// spare records as the steward that an employer is left in peace, or no longer.
func (h *house) spare(ctx context.Context, p spareWord, _ reportFunc) (*spareSaid, error) {
	e, err := p.employer()
	if err != nil {
		return nil, err
	}
	today := events.DateOf(h.Now())
	p.From = cmp.Or(p.From, today)
	r, err := h.receiptOf(ctx, &events.EmployerSpared{
		Employer: e, From: p.From, To: p.To, Ground: p.Ground, Purposes: p.Purposes, Lifted: p.Lift, Reason: p.reason(),
	})
	if err != nil {
		return nil, err
	}
	all, err := h.recordedAgreements(ctx)
	if err != nil {
		return nil, err
	}
	return &spareSaid{p, r.Position, all.On(today).Actions.Spared}, nil
}

func init() {
	adminVerbs["employer-level"] = verb((*house).setLevel)
	adminVerbs["employer-spare"] = verb((*house).spare)
}

func employerSpare() *cobra.Command {
	var l local
	var p spareWord
	var from, to string
	c := &cobra.Command{
		Use:   "spare --data DIR EMPLOYER --ground werkgever|regio",
		Short: "Say, as the steward, that an employer is left in peace for a while",
		Long: `Say, as the region's steward, that an employer is to be left in peace: records
werkgever-ontzien, and it holds at once. EMPLOYER is a KvK number, voorlopig-<uuid> or
<land>-<register>-<nummer>. The grounds:
  werkgever   the employer asked for it
  regio       the region decided so
From --from up to and including --to, without it until further notice; for --purposes,
without it for all. What happens to a plan all the same is in the agreement,
optreden/ontzien. A contact that the employer asks for is never refused.

Of an employer and establishment the last word counts: say it again to change it, and
--lift to take it away.`,
		Example: `  huisboek employer spare --data ./data 69599084 --ground werkgever --to 2027-03-31 --reason "verhuist"
  huisboek employer spare --data ./data 69599084 --lift`,
		Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) (err error) {
			p.Employer = args[0]
			if _, err := p.employer(); err != nil {
				return usageError(err.Error())
			}
			if p.From, err = dayFlag("--from", from); err != nil {
				return err
			}
			if p.To, err = dayFlag("--to", to); err != nil {
				return err
			}
			switch {
			case p.Lift && (p.From != "" || p.To != "" || p.Ground != "" || len(p.Purposes) > 0):
				return usageError("employer spare --lift takes away all that was said: it goes without --from, --to, --ground and --purposes")
			case p.Lift:
				p.Ground = "regio"
			case p.Ground == "":
				return usageError("employer spare needs --ground, werkgever or regio, or --lift")
			}
			said, err := ask[*spareSaid](cmd, &l, "employer-spare", p)
			if err != nil {
				return err
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), said)
			}
			fmt.Fprintln(cmd.OutOrStdout(), said.text())
			return nil
		}),
	}
	l.flags(c)
	p.flags(c)
	f := c.Flags()
	f.StringVar(&from, "from", "", "the first day, 2026-11-22 (default: today)")
	f.StringVar(&to, "to", "", "the last day (default: until further notice)")
	f.StringVar(&p.Ground, "ground", "", "whose wish it is: werkgever or regio (required without --lift)")
	f.StringSliceVar(&p.Purposes, "purposes", nil, "for which purposes, acquisitie,advies,… (default: all)")
	f.BoolVar(&p.Lift, "lift", false, "no longer leave it in peace")
	for _, name := range []string{"from", "to", "ground", "purposes", "lift"} {
		typedOnly(f, name)
	}
	return c
}

// text says what was recorded.
func (s *spareSaid) text() string {
	if s.Lift {
		return fmt.Sprintf("%s is no longer left in peace (position %d).", s.place(), s.Position)
	}
	until, purposes := "until further notice", "for all purposes"
	if s.To != "" {
		until = "up to and including " + string(s.To)
	}
	if len(s.Purposes) > 0 {
		purposes = "for " + strings.Join(s.Purposes, ", ")
	}
	return fmt.Sprintf("%s is left in peace from %s %s, %s (position %d). %s", s.place(), s.From, until, purposes, s.Position, spareTexts[s.Action])
}

// spareTexts are what the agreement does about it.
var spareTexts = map[string]string{
	events.ActNothing: "The agreement in force does nothing about it.",
	events.ActWarn:    "The agreement in force warns who plans a visit.",
	events.ActRefuse:  "The agreement in force refuses plans.",
}
