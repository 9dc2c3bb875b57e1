package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"huisboek/events"
	"huisboek/ledger"
)

// localBoard is the regional board at the machine itself.
var localBoard = ledger.Caller{Role: ledger.RoleBoard, Credential: ledger.DoorLocal, Door: ledger.DoorLocal}

// said is an event that a verb records for the region: its type and data.
type said struct {
	Type events.Type `json:"soort"`
	Text string      `json:"inhoud"`
}

// saidDone is where it was recorded.
type saidDone struct {
	Position events.Position `json:"positie"`
	Reasons  []ledger.Reason `json:"redenen,omitempty"`
	Target   string          `json:"doelstelling,omitempty"`
	Known    bool            `json:"stondErAl,omitempty"` // the same was said last: nothing was recorded
}

// sayFor records what the region's board or steward says; a target that says what its last
// version says is that version.
func (h *house) sayFor(ctx context.Context, caller ledger.Caller, s said) (*saidDone, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	source := "urn:nld:oin:" + h.ledger.StewardOIN() + ":systeem:huisboek"
	e, err := events.NewEventFrom(source, uuid.NewString(), h.Now(), s.Type, []byte(s.Text))
	if err != nil {
		return nil, err
	}
	out := new(saidDone)
	if t, ok := e.Data.(*events.TargetSet); ok {
		out.Target = t.Target
		if out.Position, err = h.standsAt(ctx, t); err != nil {
			return nil, err
		}
		if out.Known = out.Position != 0; out.Known {
			return out, nil
		}
	}
	r, err := h.ledger.Record(ctx, ledger.Submission{Event: e, Caller: caller})
	if err != nil {
		return nil, err
	}
	out.Position, out.Reasons = r.Position, r.Reasons
	return out, nil
}

// standsAt is where the last version of a target says the very same; 0 is nowhere.
func (h *house) standsAt(ctx context.Context, t *events.TargetSet) (events.Position, error) {
	at, err := h.ledger.LastTarget(t.Target)
	if err != nil || at == 0 {
		return 0, err
	}
	r, err := h.recordAt(ctx, at)
	if err != nil {
		return 0, err
	}
	was, err := json.Marshal(r.Event.Data)
	if err != nil {
		return 0, err
	}
	is, err := json.Marshal(t)
	if err != nil || !bytes.Equal(was, is) {
		return 0, err
	}
	return at, nil
}

func (h *house) sayBoard(ctx context.Context, s said, _ reportFunc) (*saidDone, error) {
	return h.sayFor(ctx, localBoard, s)
}

func (h *house) saySteward(ctx context.Context, s said, _ reportFunc) (*saidDone, error) {
	return h.sayFor(ctx, localCaller, s)
}

// pair are two placements by the positions of their reports.
type pair struct {
	Placement events.Position `json:"plaatsing"`
	With      events.Position `json:"met"`
	Same      bool            `json:"gelijk"`
	Reason    string          `json:"reden"`
}

// sayPair says of two placements, as the steward, that they are one or that they are two.
func (h *house) sayPair(ctx context.Context, p pair, _ reportFunc) (*saidDone, error) {
	for _, at := range []events.Position{p.Placement, p.With} {
		if last := h.ledger.Position(); at > last {
			return nil, fmt.Errorf("nothing was recorded at position %d: the last one is %d", at, last)
		}
	}
	one, err := h.eventAt(ctx, p.Placement)
	if err != nil {
		return nil, err
	}
	other, err := h.eventAt(ctx, p.With)
	if err != nil {
		return nil, err
	}
	words := map[string]any{"plaatsing": one, "met": other}
	if p.Reason != "" {
		words["reden"] = p.Reason
	}
	text, err := json.Marshal(words)
	if err != nil {
		return nil, err
	}
	t := events.TypePlacementsDistinct
	if p.Same {
		t = events.TypePlacementsMatched
	}
	return h.sayFor(ctx, localCaller, said{t, string(text)})
}

func init() {
	adminVerbs["board-say"] = verb((*house).sayBoard)
	adminVerbs["steward-say"] = verb((*house).saySteward)
	adminVerbs["placements-say"] = verb((*house).sayPair)
}

func targetExample() *cobra.Command {
	return &cobra.Command{
		Use: "example", Short: "Print a target, to start from", Args: cobra.NoArgs,
		Long: `Print a target for this year as JSON, with a new doelstelling (its UUID). Change what is
different and record it with huisboek targets set. To change it later, record it again
with the same doelstelling: a new version. What each member means stands in docs/targets.md.`,
		Example: `  huisboek targets example > doel.json`,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			year := string(events.DateOf(time.Now()))[:4]
			return printJSON(cmd.OutOrStdout(), &events.TargetSet{
				Target: uuid.NewString(), Name: "Plaatsingen " + year, Measure: events.MeasurePlacements, Number: 600,
				Period:     &events.Period{From: events.Date(year + "-01-01"), To: events.Date(year + "-12-31")},
				Definition: events.Definition{Note: "Elke plaatsing die in het jaar begint telt."},
				Decision:   "Regionaal Beraad",
			})
		}),
	}
}

func targetSet() *cobra.Command {
	return sayVerb("set FILE --data DIR", "Record, as the board, a target or a new version of it", `Record a target, as the regional board: doelstelling-vastgesteld. FILE (- is standard
input) holds it whole, as JSON; huisboek targets example prints one. With the doelstelling of
a target that is there it is a new version: what was asked as known before stays as it
was. The same file twice is recorded once. Everything that is wrong with it is told at
once, and then nothing is recorded.`,
		`  huisboek targets set doel.json --data ./data`, "board-say", events.TypeTargetSet)
}

// sayVerb is a verb that records the data of one type from a file.
func sayVerb(use, short, long, example, verb string, t events.Type) *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			text, err := agreementFile(cmd, args[0])
			if err != nil {
				return err
			}
			done, err := ask[*saidDone](cmd, &l, verb, said{t, text})
			if err != nil {
				return err
			}
			return printSaid(cmd.OutOrStdout(), done, l.json)
		}),
	}
	l.flags(c)
	return c
}

func printSaid(w io.Writer, done *saidDone, asJSON bool) error {
	if asJSON {
		return printJSON(w, done)
	}
	if done.Known {
		_, err := fmt.Fprintf(w, "Target %s says the same at position %d already: nothing was recorded.\n", done.Target, done.Position)
		return err
	}
	of := ""
	if done.Target != "" {
		of = ": target " + done.Target
	}
	_, err := fmt.Fprintf(w, "Recorded at position %d%s.\n", done.Position, of)
	for _, r := range done.Reasons {
		fmt.Fprintln(w, r.Sentence.EN)
	}
	return err
}

func targetDrop() *cobra.Command {
	var l local
	var reason string
	c := &cobra.Command{
		Use: "drop UUID --data DIR", Short: "Record, as the board, that a target is no longer one", Args: cobra.ExactArgs(1),
		Long: `Record that a target is no longer one: doelstelling-vervallen. Its UUID stands behind it in
huisboek targets. It can still be asked for (huisboek targets --dropped), and recorded again
with huisboek targets set.`,
		Example: `  huisboek targets drop 6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11 --reason "Opgegaan in een ander doel." --data ./data`,
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if uuid.Validate(args[0]) != nil {
				return usageError(fmt.Sprintf("%q is no UUID: that of a target stands behind it in huisboek targets", args[0]))
			}
			words := map[string]string{"doelstelling": args[0]}
			if reason != "" {
				words["reden"] = reason
			}
			text, err := json.Marshal(words)
			if err != nil {
				return err
			}
			done, err := ask[*saidDone](cmd, &l, "board-say", said{events.TypeTargetDropped, string(text)})
			if err != nil {
				return err
			}
			return printSaid(cmd.OutOrStdout(), done, l.json)
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&reason, "reason", "", "why")
	return c
}

func targetSame() *cobra.Command {
	return pairVerb("same", true, "Record, as the steward, that two reports are of one placement",
		`Record that the reports at two positions (huisboek targets doubles) are of one placement: it
then counts once, and is of both. huisboek targets distinct takes it back.`)
}

func targetDistinct() *cobra.Command {
	return pairVerb("distinct", false, "Record, as the steward, that two reports are of two placements",
		`Record that the reports at two positions are of two placements, or take back that they are
of one.`)
}

func pairVerb(name string, same bool, short, long string) *cobra.Command {
	var l local
	var reason string
	c := &cobra.Command{
		Use: name + " POSITION POSITION --data DIR", Short: short, Long: long, Args: cobra.ExactArgs(2),
		Example: "  huisboek targets " + name + " 1204 1250 --data ./data",
		RunE: work(func(cmd *cobra.Command, args []string) error {
			p := pair{Same: same, Reason: reason}
			for i, to := range []*events.Position{&p.Placement, &p.With} {
				n, err := strconv.ParseUint(args[i], 10, 63)
				if err != nil || n == 0 {
					return usageError(fmt.Sprintf("%q is no position", args[i]))
				}
				*to = events.Position(n)
			}
			done, err := ask[*saidDone](cmd, &l, "placements-say", p)
			if err != nil {
				return err
			}
			return printSaid(cmd.OutOrStdout(), done, l.json)
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&reason, "reason", "", "why")
	return c
}

func reachSet() *cobra.Command {
	var l local
	var from, origin string
	c := &cobra.Command{
		Use: "set FILE --from DAY --origin TEXT --data DIR", Short: "Record, as the steward, how many employers there are", Args: cobra.ExactArgs(1),
		Long: `Record how many employers there are, of which reach is a share: werkgeversaantallen-
vastgesteld. FILE (- is standard input) is text with semicolons: gemeentecode;grootteklasse;
aantal. Without a grootteklasse the number is of all sizes. It holds from --from on, until newer
numbers of the same municipality are recorded.`,
		Example: `  huisboek reach set werkgevers.csv --from 2026-01-01 --origin "CBS, vestigingen 1 januari 2026" --data ./data`,
		RunE: work(func(cmd *cobra.Command, args []string) error {
			if from == "" || origin == "" {
				return usageError("reach set needs --from and --origin")
			}
			text, err := textFile(cmd, args[0])
			if err != nil {
				return err
			}
			d := events.EmployersCounted{From: events.Date(from), Origin: origin}
			if d.Counts, err = employerCounts(text); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			data, err := json.Marshal(&d)
			if err != nil {
				return err
			}
			done, err := ask[*saidDone](cmd, &l, "steward-say", said{events.TypeEmployersCounted, string(data)})
			if err != nil {
				return err
			}
			return printSaid(cmd.OutOrStdout(), done, l.json)
		}),
	}
	l.flags(c)
	c.Flags().StringVar(&from, "from", "", "the day from which the numbers hold (required)")
	c.Flags().StringVar(&origin, "origin", "", "where the numbers come from (required)")
	return c
}

// employerCounts reads gemeentecode;grootteklasse;aantal, with or without a line of names.
func employerCounts(text string) (list []events.EmployerCount, err error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	r.Comma, r.FieldsPerRecord, r.TrimLeadingSpace = ';', -1, true
	var wrong []error
	for first := true; ; first = false {
		row, err := r.Read()
		if err == io.EOF {
			return list, errors.Join(wrong...)
		}
		if err != nil {
			return nil, errors.Join(append(wrong, err)...) // what follows cannot be told apart any more
		}
		line, _ := r.FieldPos(0)
		if first && strings.EqualFold(strings.TrimSpace(row[0]), "gemeentecode") {
			continue
		}
		if len(row) != 3 {
			wrong = append(wrong, fmt.Errorf("line %d: not gemeentecode;grootteklasse;aantal", line))
			continue
		}
		n, err := strconv.Atoi(strings.TrimSpace(row[2]))
		if err != nil {
			wrong = append(wrong, fmt.Errorf("line %d: %q is no number of employers", line, row[2]))
			continue
		}
		list = append(list, events.EmployerCount{Gemeente: strings.TrimSpace(row[0]), Size: strings.TrimSpace(row[1]), Count: n})
	}
}
