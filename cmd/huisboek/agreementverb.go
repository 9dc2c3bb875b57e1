package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// agreementVerbs are the verbs of huisboek agreement.
var agreementVerbs = []func() *cobra.Command{agreementDefault, agreementShow, agreementSet}

func agreementCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "agreement", Short: "Show and set what the region agreed on", Args: cobra.NoArgs,
		Long: `The region's agreement says when partners are in each other's way at an employer, and
what the book does about it: how long an employer is left in peace after a visit, which
purposes disturb which, how many plans somebody may have. What each member means stands
in docs/agreement.md. Until a region has recorded its own a default one holds.`,
	}
	var names []string
	for _, verb := range agreementVerbs {
		c.AddCommand(verb())
	}
	for _, verb := range c.Commands() {
		names = append(names, verb.Name())
	}
	slices.Sort(names)
	last := len(names) - 1
	c.RunE = func(*cobra.Command, []string) error {
		return usageError("agreement needs " + strings.Join(names[:last], ", ") + " or " + names[last])
	}
	return c
}

func agreementDefault() *cobra.Command {
	return &cobra.Command{
		Use: "default", Short: "Print the default agreement, to start from", Args: cobra.NoArgs,
		Long: `Print the default agreement as JSON, from today on: what holds until a region has
recorded its own. Change what is different, give it a name and the day from which it
holds, and record it with huisboek agreement set.`,
		Example: `  huisboek agreement default > afspraken.json`,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			a := events.DefaultAgreement()
			a.From = events.DateOf(time.Now())
			return printJSON(cmd.OutOrStdout(), a)
		}),
	}
}

// recordedAgreement is an agreement as the book has it; at position 0 the default one.
type recordedAgreement struct {
	Position events.Position `json:"positie"`
	State    string          `json:"stand"`
	events.AgreementSet
}

// The states of an agreement.
const (
	inForce    = "geldt"
	toCome     = "komt"
	past       = "voorbij"
	superseded = "vervangen" // by one recorded later, from the same day
)

// agreements is what a book has on them.
type agreements struct {
	Today   events.Date         `json:"vandaag"`
	InForce recordedAgreement   `json:"geldt"`
	All     []recordedAgreement `json:"vastgesteld"` // in the order in which they were recorded
}

// showAgreements tells every agreement that was recorded, and which is in force.
func (h *house) showAgreements(ctx context.Context, _ struct{}, _ reportFunc) (*agreements, error) {
	recorded, err := h.recordedAgreements(ctx)
	if err != nil {
		return nil, err
	}
	today := events.DateOf(h.Now())
	out := &agreements{Today: today, All: make([]recordedAgreement, 0, len(recorded))}
	now := recorded.On(today)
	out.InForce = recordedAgreement{now.Position, inForce, now.AgreementSet}
	for _, r := range recorded {
		out.All = append(out.All, recordedAgreement{r.Position, stateOf(recorded, &r, today), r.AgreementSet})
	}
	return out, nil
}

func stateOf(all events.Agreements, r *events.RecordedAgreement, today events.Date) string {
	switch {
	case all.On(r.From).Position != r.Position:
		return superseded
	case all.On(today).Position == r.Position:
		return inForce
	case r.From.After(today):
		return toCome
	}
	return past
}

func (h *house) recordedAgreements(ctx context.Context) (all events.Agreements, err error) {
	if err := h.waitForViews(ctx); err != nil {
		return nil, err
	}
	err = h.views.View(func(tx projections.Tx, _ events.Checkpoint) (err error) {
		all, err = projections.Agreements{}.Recorded(tx)
		return err
	})
	return all, err
}

func agreementShow() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use: "show [POSITION] --data DIR", Short: "Show the agreement in force, those to come and those before", Args: cobra.MaximumNArgs(1),
		Long: `Show the agreement that is in force today, member by member, and a list of all that
were recorded, with the position of each; or the one at a position. A verdict goes by the
one in force on its day: huisboek explain names its position.`,
		RunE: work(func(cmd *cobra.Command, args []string) error {
			a, err := ask[*agreements](cmd, &l, "agreement-show", struct{}{})
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return printAgreementAt(cmd.OutOrStdout(), a, args[0], l.json)
			}
			if l.json {
				return printJSON(cmd.OutOrStdout(), a)
			}
			return printAgreements(cmd.OutOrStdout(), a)
		}),
	}
	l.flags(c)
	return c
}

func printAgreements(w io.Writer, a *agreements) error {
	if a.InForce.Position == 0 {
		fmt.Fprintf(w, "In force on %s: the default agreement, as the region has recorded none for that day.\n\n", a.Today)
	} else {
		fmt.Fprintf(w, "In force on %s: %s, from %s on (position %d).\n\n", a.Today, a.InForce.Name, a.InForce.From, a.InForce.Position)
	}
	if err := printTerms(w, &a.InForce.AgreementSet); err != nil || len(a.All) == 0 {
		return err
	}
	fmt.Fprintln(w)
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, "POSITION\tFROM\tSTATE\tNAME\tDECISION")
		for _, r := range a.All {
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", r.Position, r.From, stateTexts[r.State], r.Name, r.Decision)
		}
	})
	return nil
}

// printAgreementAt prints the one that was recorded at a position.
func printAgreementAt(w io.Writer, a *agreements, position string, asJSON bool) error {
	at, err := strconv.ParseUint(position, 10, 64)
	if err != nil {
		return usageError(fmt.Sprintf("%q is no position", position))
	}
	i := slices.IndexFunc(a.All, func(r recordedAgreement) bool { return r.Position == events.Position(at) })
	if i < 0 {
		return fmt.Errorf("no agreement was recorded at position %d: huisboek agreement show lists them", at)
	}
	r := &a.All[i]
	if asJSON {
		return printJSON(w, r)
	}
	fmt.Fprintf(w, "%s, from %s on (position %d): %s.\n\n", r.Name, r.From, r.Position, stateTexts[r.State])
	return printTerms(w, &r.AgreementSet)
}

func printTerms(w io.Writer, a *events.AgreementSet) error {
	terms, err := termsOf(a)
	if err != nil {
		return err
	}
	table(w, func(w io.Writer) {
		for _, t := range terms {
			fmt.Fprintf(w, "%s\t%s\n", t.member, t.text)
		}
	})
	return nil
}

var stateTexts = map[string]string{inForce: "in force", toCome: "to come", past: "past", superseded: "replaced"}

// agreementTerm is one member of an agreement and what stands there.
type agreementTerm struct{ member, text string }

// termsOf takes an agreement apart, in the order of its members. What is in a list is
// named by what it is about: storing/acquisitie, subregios/Noord/rustdagen.
func termsOf(a *events.AgreementSet) (list []agreementTerm, err error) {
	b, err := json.Marshal(a)
	if err == nil {
		err = takeApart(b, "", &list)
	}
	return slices.DeleteFunc(list, func(t agreementTerm) bool { return slices.Contains([]string{"per", "naam", "besluit"}, t.member) }), err
}

func takeApart(v jsontext.Value, under string, list *[]agreementTerm) error {
	switch v.Kind() {
	case '{':
		return membersOf(v, func(name string, v jsontext.Value) error { return takeApart(v, joined(under, name), list) })
	case '[':
		var entries []jsontext.Value
		if err := json.Unmarshal(v, &entries); err != nil {
			return err
		}
		if len(entries) == 0 || entries[0].Kind() != '{' {
			return words(v, under, list)
		}
		for _, e := range entries {
			if err := entry(e, under, list); err != nil {
				return err
			}
		}
		return nil
	}
	*list = append(*list, agreementTerm{under, strings.Trim(string(v), `"`)})
	return nil
}

// entry takes one of a list apart: its first member says what it is about.
func entry(v jsontext.Value, under string, list *[]agreementTerm) error {
	place := ""
	return membersOf(v, func(name string, v jsontext.Value) error {
		if place == "" {
			var about string
			err := json.Unmarshal(v, &about)
			place = joined(under, about)
			return err
		}
		return takeApart(v, joined(place, name), list)
	})
}

// words is a list of which the order means nothing.
func words(v jsontext.Value, under string, list *[]agreementTerm) error {
	var all []string
	if err := json.Unmarshal(v, &all); err != nil {
		return err
	}
	slices.Sort(all)
	text := strings.Join(all, ", ")
	if text == "" {
		text = "-"
	}
	*list = append(*list, agreementTerm{under, text})
	return nil
}

func membersOf(v jsontext.Value, do func(name string, v jsontext.Value) error) error {
	d := jsontext.NewDecoder(strings.NewReader(string(v)))
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		member := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if err := do(member, value.Clone()); err != nil {
			return err
		}
	}
	return nil
}

func joined(under, name string) string {
	if under == "" {
		return name
	}
	return under + "/" + name
}

// agreementChange is a member in which two agreements differ; "" where it is not in one.
type agreementChange struct {
	Member string `json:"veld"`
	Was    string `json:"was"`
	Is     string `json:"wordt"`
}

// changesOf is in what an agreement differs from another.
func changesOf(was, is *events.AgreementSet) ([]agreementChange, error) {
	before, err := termsOf(was)
	if err != nil {
		return nil, err
	}
	after, err := termsOf(is)
	if err != nil {
		return nil, err
	}
	list := make([]agreementChange, 0)
	old := make(map[string]string, len(before))
	for _, t := range before {
		old[t.member] = t.text
	}
	stays := make(map[string]bool, len(after))
	for _, t := range after {
		stays[t.member] = true
		if old[t.member] != t.text {
			list = append(list, agreementChange{t.member, old[t.member], t.text})
		}
	}
	for _, t := range before {
		if !stays[t.member] {
			list = append(list, agreementChange{t.member, t.text, ""})
		}
	}
	return list, nil
}

// newAgreement is the data of afspraken-vastgesteld, as it was written: the checks
// tell of everything in it.
type newAgreement struct {
	Text string `json:"afspraken"`
}

// agreementDone is an agreement that was recorded, or was there already.
type agreementDone struct {
	Position events.Position   `json:"positie"`
	Known    bool              `json:"stondErAl"`
	Name     string            `json:"naam"`
	From     events.Date       `json:"per"`
	Was      events.Position   `json:"wasPositie"` // of the one that held on its first day; 0 is the default one
	WasName  string            `json:"wasNaam"`
	Changes  []agreementChange `json:"wijzigingen"`
	Warnings []string          `json:"waarschuwingen,omitempty"`
}

// setAgreement records what the region agreed on, and tells in what it differs from
// what held on its first day.
func (h *house) setAgreement(ctx context.Context, p newAgreement, _ reportFunc) (*agreementDone, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	source := "urn:nld:oin:" + h.ledger.StewardOIN() + ":systeem:huisboek"
	e, err := events.NewEventFrom(source, uuid.NewString(), h.Now(), events.TypeAgreementSet, []byte(p.Text))
	if err != nil {
		return nil, err
	}
	a := e.Data.(*events.AgreementSet)
	recorded, err := h.recordedAgreements(ctx)
	if err != nil {
		return nil, err
	}
	was := recorded.On(a.From)
	out := &agreementDone{Name: a.Name, From: a.From, Was: was.Position, WasName: was.Name}
	if out.Changes, err = changesOf(&was.AgreementSet, a); err != nil {
		return nil, err
	}
	if was.Position != 0 && was.From == a.From && was.Name == a.Name && was.Decision == a.Decision && len(out.Changes) == 0 {
		out.Position, out.Known = was.Position, true
		return out, nil
	}
	r, err := h.ledger.Record(ctx, ledger.Submission{Event: e, Caller: localCaller})
	if err != nil {
		return nil, err
	}
	out.Position = r.Position
	out.Warnings, err = h.warningsOf(recorded, a)
	return out, err
}

// warningsOf is what somebody who recorded an agreement may not have meant.
func (h *house) warningsOf(before events.Agreements, a *events.AgreementSet) (warnings []string, err error) {
	today := events.DateOf(h.Now())
	if a.From.Before(today) {
		warnings = append(warnings, fmt.Sprintf("%s is past: it holds from now on, and every verdict and plan stays as it was recorded", a.From))
	}
	if now := before.On(today); now.From.After(a.From) && now.Position != 0 {
		warnings = append(warnings, fmt.Sprintf("%s, from %s on (position %d), goes before it: today nothing changes", now.Name, now.From, now.Position))
	}
	for i := range before {
		if r := &before[i]; r.From.After(a.From) && r.From.After(today) && before.On(r.From).Position == r.Position {
			warnings = append(warnings, fmt.Sprintf("on %s it makes way for %s (position %d), which was recorded before", r.From, r.Name, r.Position))
		}
	}
	partners, err := h.ledger.Partners()
	if err != nil {
		return nil, err
	}
	for _, s := range a.Subregions {
		if !slices.ContainsFunc(partners, func(p ledger.Partner) bool { return p.Subregion == s.Subregion }) {
			warnings = append(warnings, fmt.Sprintf("no partner is of subregion %q (huisboek partner change --subregion says so)", s.Subregion))
		}
	}
	return warnings, nil
}

func init() {
	adminVerbs["agreement-show"] = verb((*house).showAgreements)
	adminVerbs["agreement-set"] = verb((*house).setAgreement)
}

func agreementSet() *cobra.Command {
	var l local
	c := &cobra.Command{
		Use:   "set FILE --data DIR",
		Short: "Record, as the steward, what the region agreed on",
		Long: `Record an agreement, as the region's steward: afspraken-vastgesteld. FILE (- is standard
input) holds it whole, as JSON; huisboek agreement default prints one to start from.
Everything that is wrong with it is told at once, and then nothing is recorded.

It holds from its day on, per, in the place of the one before. Verdicts that were given
and plans that hold an employer stay as they are. Nothing is lost: to undo it, record
the one before again. The same agreement twice is recorded once.`,
		Example: `  huisboek agreement default > afspraken.json
  huisboek agreement set afspraken.json --data ./data`,
		Args: cobra.ExactArgs(1),
		RunE: work(func(cmd *cobra.Command, args []string) error {
			text, err := agreementFile(cmd, args[0])
			if err != nil {
				return err
			}
			done, err := ask[*agreementDone](cmd, &l, "agreement-set", newAgreement{text})
			if err != nil {
				return err
			}
			warn(cmd, done.Warnings)
			if l.json {
				return printJSON(cmd.OutOrStdout(), done)
			}
			printAgreementDone(cmd.OutOrStdout(), done)
			return nil
		}),
	}
	l.flags(c)
	return c
}

// agreementFile is what stands in a file, once it is JSON at all: what is wrong with
// the rest the checks tell.
func agreementFile(cmd *cobra.Command, name string) (string, error) {
	text, err := textFile(cmd, name)
	if err != nil {
		return "", err
	}
	v := jsontext.Value(text).Clone()
	if err := v.Compact(jsontext.AllowDuplicateNames(true)); err != nil {
		return "", fmt.Errorf("%s is not JSON: %w", inputName(name), err)
	}
	return text, nil
}

// textFile is what stands in a file, or comes in ("-"): no more than an event may hold.
func textFile(cmd *cobra.Command, name string) (string, error) {
	read := func() ([]byte, error) { return os.ReadFile(name) }
	if name == "-" {
		read = func() ([]byte, error) { return io.ReadAll(io.LimitReader(cmd.InOrStdin(), events.MaxSize+1)) }
	}
	b, err := read()
	if err != nil {
		return "", err
	}
	if len(b) > events.MaxSize {
		return "", fmt.Errorf("%s is larger than the %d bytes that an event may have", inputName(name), events.MaxSize)
	}
	return string(b), nil
}

// inputName is how people call a file that may be "-".
func inputName(name string) string {
	if name == "-" {
		return "standard input"
	}
	return name
}

func printAgreementDone(w io.Writer, a *agreementDone) {
	if a.Known {
		fmt.Fprintf(w, "%s, from %s on, stands at position %d already: nothing was recorded.\n", a.Name, a.From, a.Position)
		return
	}
	fmt.Fprintf(w, "%s holds from %s on (position %d), in the place of %s.\n", a.Name, a.From, a.Position, a.WasName)
	if len(a.Changes) == 0 {
		fmt.Fprintln(w, "They say the same.")
		return
	}
	table(w, func(w io.Writer) {
		fmt.Fprintln(w, "MEMBER\tWAS\tIS")
		for _, c := range a.Changes {
			fmt.Fprintf(w, "%s\t%s\t%s\n", c.Member, orNone(c.Was), orNone(c.Is))
		}
	})
}

func orNone(text string) string {
	if text == "" {
		return "(none)"
	}
	return text
}
