package ledger

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"huisboek/events"
)

// ProblemMediaType is the content type of a Problem at either door (RFC 9457).
const ProblemMediaType = "application/problem+json"

// Problem is a refusal as both doors answer it (docs/contract.md, "Shapes"): the
// members of RFC 9457 with our two. Title and Detail are Dutch and never hold
// what a caller sent; Faults says in both languages what to do about it.
type Problem struct {
	Type    string        `json:"type"`
	Title   string        `json:"title"`
	Status  int           `json:"status"`
	Detail  string        `json:"detail"`
	Faults  events.Faults `json:"fouten"`
	Receipt *Receipt      `json:"ontvangstbewijs,omitempty"`
}

// Error is the status, title and detail on one line.
func (p Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Title, p.Detail) }

// problemSpace begins every Problem's type: a tag URI (RFC 4151), so that a type
// is stable and promises no page behind it.
const problemSpace = "tag:werkgeversdiensten.nl,2026:probleem/"

// NewProblem makes a problem whose type ends in code. Faults is never null.
func NewProblem(status int, code, title, detail string, faults ...events.Fault) Problem {
	if faults == nil {
		faults = events.Faults{}
	}
	return Problem{Type: problemSpace + code, Title: title, Status: status, Detail: detail, Faults: faults}
}

// What the ledger may answer besides a receipt; ErrFull and ErrUnknown of the
// stream come through as well.
var (
	// ErrForbidden: this caller may not say (or ask) this. When it wraps
	// events.Faults as well, those say which member was not the caller's.
	ErrForbidden = errors.New("forbidden for this caller")
	// ErrBusy: too many wait already. Nothing was recorded; try later.
	ErrBusy = errors.New("ledger is busy")
	// ErrHalted: the book stopped because its stream is not what it was, and
	// records nothing more; somebody has to look. What was under way when it
	// stopped may have been recorded.
	ErrHalted = errors.New("ledger has halted")
)

// ConflictError says that an event with the same source and id, but other
// content, was recorded before.
type ConflictError struct {
	Position events.Position // of the one that was recorded; 0 when it was only tried
}

// Error names the position of the event that was there first.
func (e *ConflictError) Error() string {
	if e.Position == 0 {
		return "other content under an id that came before"
	}
	return fmt.Sprintf("other content under an id that is known since position %d", e.Position)
}

// refusals is the one table from an error to what a caller is told, in order of
// precedence. Anything that is not in it is our own failure: 500, and the log.
var refusals = []struct {
	err                 error
	status              int
	code, title, detail string
}{
	{ErrForbidden, http.StatusForbidden, "niet-toegestaan", "Niet toegestaan",
		"Deze toegang mag dit niet melden of vragen."},
	{ErrHalted, http.StatusServiceUnavailable, "boek-staat-stil", "Het boek staat stil",
		"Er is iets mis met de opslag: er wordt niets meer vastgelegd tot de beheerder heeft gekeken. Bied hetzelfde daarna opnieuw aan: het telt nooit dubbel."},
	{ErrDamaged, http.StatusServiceUnavailable, "boek-staat-stil", "Het boek staat stil",
		"Er is iets mis met de opslag: er wordt niets meer vastgelegd tot de beheerder heeft gekeken. Bied hetzelfde daarna opnieuw aan: het telt nooit dubbel."},
	{ErrFull, http.StatusServiceUnavailable, "opslag-vol", "De opslag is vol",
		"Er is niets vastgelegd. De beheerder moet ruimte maken; bied daarna hetzelfde opnieuw aan."},
	{ErrBusy, http.StatusServiceUnavailable, "te-druk", "Het is te druk",
		"Er is niets vastgelegd. Bied over enkele seconden opnieuw aan."},
	{ErrAway, http.StatusServiceUnavailable, "te-druk", "Het is te druk",
		"Er is niets vastgelegd. Bied over enkele seconden opnieuw aan."},
	{ErrUnknown, http.StatusServiceUnavailable, "uitkomst-onbekend", "Uitkomst onbekend",
		"Het is niet zeker of dit is vastgelegd. Bied hetzelfde opnieuw aan: het telt nooit dubbel."},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "uitkomst-onbekend", "Geen antwoord op tijd",
		"Het is niet zeker of dit is gelukt. Probeer hetzelfde opnieuw: het telt nooit dubbel."},
	{context.Canceled, http.StatusServiceUnavailable, "uitkomst-onbekend", "Afgebroken",
		"Het is niet zeker of dit is gelukt. Probeer hetzelfde opnieuw: het telt nooit dubbel."},
}

// ProblemOf is what a caller is told of an error. An error that is not foreseen
// becomes a 500 with a fixed text: nothing of what it says reaches the caller.
func ProblemOf(err error) Problem {
	var known Problem
	if errors.As(err, &known) {
		return known
	}
	var conflict *ConflictError
	if errors.As(err, &conflict) {
		return conflictProblem(conflict)
	}
	var faults events.Faults
	errors.As(err, &faults)
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return NewProblem(r.status, r.code, r.title, r.detail, faults...)
		}
	}
	if faults.TooLarge() {
		return TooLarge(events.MaxSize, faults...)
	}
	if faults != nil {
		return NewProblem(http.StatusBadRequest, "ongeldig", "Ongeldige invoer",
			"Er is niets vastgelegd; bij fouten staat alles wat er niet klopt.", faults...)
	}
	return NewProblem(http.StatusInternalServerError, "interne-fout", "Interne fout",
		"Er ging hier iets mis. Probeer het later opnieuw of vraag de beheerder.")
}

// TooLarge is the refusal of what has more bytes than are taken in.
func TooLarge(most int, faults ...events.Fault) Problem {
	return NewProblem(http.StatusRequestEntityTooLarge, "te-groot", "Te groot",
		fmt.Sprintf("Er is niets vastgelegd: dit is groter dan %d bytes.", most), faults...)
}

const codeOtherContent = "andere-inhoud"

var otherContent = events.Sentence{
	NL: "Dit id is al gebruikt voor een melding met andere inhoud. Gebruik een nieuw id, of verbeter de eerdere melding met vervangt.",
	EN: "This id was used for an event with other content. Use a new id, or correct the earlier event with vervangt.",
}

func conflictProblem(e *ConflictError) Problem {
	detail := fmt.Sprintf("Onder deze source en dit id is op positie %d iets anders vastgelegd.", e.Position)
	if e.Position == 0 {
		detail = "Onder deze source en dit id staat eerder in dezelfde reeks iets anders."
	}
	return NewProblem(http.StatusConflict, "andere-inhoud", "Andere inhoud onder een bekend id", detail,
		events.Fault{Field: "/id", Code: codeOtherContent, Sentence: otherContent})
}
