package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describeMessages = description{
	id: "berichtenLezen", summary: "Berichten voor u, het oudste eerst",
	text: "Wat anderen doen bij werkgevers waar u een open plan heeft, vaste contactpersoon bent of die u volgt, waar u voor gevraagd wordt, wat er vrijkomt, afloopt of naar de hele regio gaat, en wat er van uw meldingen gewist is. Bewaar volgende en geef het de volgende keer als na: zo komt elk bericht ten minste eens aan." +
		" Met Accept: text/event-stream blijft het antwoord openstaan en komt elk bericht zodra het er is.",
	tag: "berichten",
}

type messagesQuestion struct {
	Question
	Count int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei; zonder dit vanaf het begin."`
	Order string `query:"volgorde" enum:"oudste,nieuwste" default:"oudste" doc:"Het oudste eerst, zodat een programma er geen mist; of het nieuwste eerst, voor wie kijkt. Een na hoort bij de volgorde waarin hij gegeven is. Niet bij een stroom."`
	Last  string `header:"Last-Event-ID" maxLength:"100" doc:"Alleen voor een stroom: de id van het laatste bericht dat er kwam. Gaat voor na." example:"AAAAAAAAAAoBNSglAAAAAAAAAAVU-Uef3DAfPA"`
}

// orderNewest asks for the newest first.
const orderNewest = "nieuwste"

// defaultMessages is how many messages come when nobody says how many.
const defaultMessages = 50

func (s *Server) messages(ctx context.Context, v *sight, in *messagesQuestion) (*MessagesAnswer, error) {
	answer := s.messagesFor
	if in.Order == orderNewest {
		answer = s.newestMessages
	}
	out, err := answer(ctx, v, in.After, in.Count, in.since())
	if errors.Is(err, errCursor) {
		return nil, invalid(expected("query", "na"))
	}
	return out, err
}

// Messages answers what /v1/berichten does, for the other door: the messages for
// a partner after a cursor ("": from the beginning), at most max of them (0: the
// default). ErrForbidden for who is no partner, or takes no part today; faults
// name the members of that door's question.
func (s *Server) Messages(ctx context.Context, c ledger.Caller, after string, max int) (*MessagesAnswer, error) {
	if c.Role != ledger.RolePartner {
		return nil, ledger.ErrForbidden
	}
	v, err := s.sight(ctx, c)
	if err != nil {
		return nil, err
	}
	var faults events.Faults
	fault := func(name string) {
		f := expected("query", name)
		f.Field = "/" + name
		faults = append(faults, f)
	}
	if max == 0 {
		max = defaultMessages
	}
	if max < 1 || max > projections.MaxMessages {
		fault("aantal")
	}
	if _, err := s.from(c.Partner, after); err != nil {
		fault("na")
	}
	if faults != nil {
		return nil, invalid(faults...)
	}
	return s.messagesFor(ctx, v, after, max, 0)
}

func (s *Server) messagesFor(ctx context.Context, v *sight, cursor string, max int, since events.Position) (*MessagesAnswer, error) {
	from, err := s.from(v.caller.Partner, cursor)
	if err != nil {
		return nil, err
	}
	out := &MessagesAnswer{Book: s.cfg.Book}
	var rows []projections.Message
	if out.Freshness, err = s.read(ctx, since, func(tx projections.Tx) (err error) {
		rows, from, out.More, err = projections.Messages{}.After(tx, v.caller.Partner, from, v.today, max)
		return err
	}); err != nil {
		return nil, err
	}
	out.Next = s.messageCursor(v.caller.Partner, from)
	out.Messages, err = mapped(rows, func(m *projections.Message) (Message, error) { return s.message(v, m) })
	return out, err
}

// newestMessages are the messages as somebody looks at them, the newest first.
func (s *Server) newestMessages(ctx context.Context, v *sight, cursor string, max int, since events.Position) (*MessagesAnswer, error) {
	whose := orderNewest + " " + v.caller.Partner // so that a place in the one order is none in the other
	at, err := s.from(whose, cursor)
	if err != nil {
		return nil, err
	}
	var from projections.Older
	if cursor != "" {
		from = projections.Older{After: at.After + 1, Day: at.Day, Told: at.Told + 1}
	}
	out := &MessagesAnswer{Book: s.cfg.Book}
	var rows []projections.Message
	if out.Freshness, err = s.read(ctx, since, func(tx projections.Tx) (err error) {
		rows, from, out.More, err = projections.Messages{}.Newest(tx, v.caller.Partner, from, v.today, max)
		return err
	}); err != nil {
		return nil, err
	}
	// A cursor names what is to be shown next at most, and no cursor lies behind the end.
	last := s.cfg.Ledger.Position()
	out.Next = s.messageCursor(whose, projections.Cursor{After: min(from.After-1, last), Day: from.Day, Told: min(from.Told-1, last)})
	out.Messages, err = mapped(rows, func(m *projections.Message) (Message, error) { return s.message(v, m) })
	return out, err
}

// message is one as its reader may see it. That a name was erased is not said:
// the message is about the employer.
func (s *Server) message(v *sight, m *projections.Message) (Message, error) {
	out := Message{
		ID: strconv.FormatUint(uint64(m.Position), 10), Position: m.Position, At: m.At.UTC(), Kind: m.Kind,
		Reasons: make([]ledger.Reason, len(m.Why)), Sentence: v.told(m),
	}
	if m.Due != "" {
		out.ID += "-" + m.Kind
	}
	for i, code := range m.Why {
		out.Reasons[i] = ledger.Reason{Code: code, Sentence: whySentences[code]}
	}
	if m.Kind == projections.MessageErased {
		var err error
		out.Erased, err = s.erased(v.ctx, m)
		return out, err
	}
	e, err := events.ParseEmployerKey(m.Employer)
	if err != nil {
		return out, err
	}
	e.Establishment = m.Establishment
	employer, partner := nameOf(e), v.name(m.Partner)
	out.Employer, out.Partner = &employer, &partner
	out.From, out.To = &m.Date, &m.To
	out.Purpose, out.Approach = optional(m.Purpose), optional(m.Approach)
	if m.Until != "" {
		out.Until = &m.Until
	}
	if x := m.Vacancy; x != nil {
		out.Vacancy = &MessageVacancy{ID: x.ID, Occupation: x.Occupation, Count: x.Count, Left: x.Left(), Since: x.Date}
	}
	if m.Kind == projections.MessageAsked || slices.Contains(m.Why, projections.WhyNamed) {
		out.Event = &events.Ref{Source: m.Source, ID: m.ID}
	}
	var gone bool
	if slices.Contains(m.Why, projections.WhyOpenPlan) { // whose plan it goes through, and nobody else, is told why
		if out.Despite, err = unsealed(v, m.ReasonOf, m.ReasonID, "/ondanks/reden", m.Reason, &gone); err != nil {
			return out, err
		}
	}
	who, err := v.person(m.Partner, m.Source, m.ID, m.AccountManager, &gone)
	if who != nil {
		out.AccountManager = &ledger.Person{Name: who.Name, Phone: who.Phone}
	}
	return out, err
}

// erased says which of the reader's events lost a member, as it knows them.
func (s *Server) erased(ctx context.Context, m *projections.Message) (*Erased, error) {
	out := &Erased{Ground: m.Ground, Count: m.Count, Events: make([]EventRef, len(m.Events))}
	for i, at := range m.Events {
		ref, err := s.cfg.Event(ctx, at)
		if err != nil {
			return nil, err
		}
		out.Events[i] = EventRef{ref.Source, ref.ID, at}
	}
	return out, nil
}

var errCursor = errors.New("cursor was not given out for this")

// messageCursor says where a partner is in its messages. The hash binds it to the partner,
// the book and its incarnation: one that was kept from another of these would pass
// messages over.
func (s *Server) messageCursor(partner string, at projections.Cursor) string {
	return s.cursorOf(len(s.cfg.Restores), partner, cursorBytes(at))
}

// cursor and position are the same for a list of which nothing falls due.
func (s *Server) cursor(whose string, at events.Position) string {
	return s.messageCursor(whose, projections.Cursor{After: at})
}

func (s *Server) position(whose, cursor string) (events.Position, error) {
	at, err := s.from(whose, cursor)
	return at.After, err
}

// cursorOf is a cursor as it was given out after so many restores.
func (s *Server) cursorOf(restores int, partner string, raw []byte) string {
	bound := fmt.Appendf(nil, "berichten %s %s %d", s.cfg.Book.ID, partner, binary.BigEndian.Uint64(raw))
	if len(raw) > 8 {
		bound = fmt.Appendf(bound, " %x", raw[8:])
	}
	if restores > 0 {
		bound = append(bound, " "+s.cfg.Restores[restores-1].Incarnation...)
	}
	hash := sha256.Sum256(bound)
	return base64.RawURLEncoding.EncodeToString(append(raw[:len(raw):len(raw)], hash[:8]...))
}

// The lengths of a cursor before its hash: as it was given out when nothing fell due
// by the day, with what fell due, and in the middle of that.
const (
	shortCursor = 8
	dueCursor   = shortCursor + 4 + 8
	sweepCursor = dueCursor + 4 + 8 + 4 + 8
)

func cursorBytes(c projections.Cursor) []byte {
	raw := make([]byte, 0, sweepCursor+8)
	put := func(day events.Date, p events.Position) {
		raw = binary.BigEndian.AppendUint32(raw, dayNumber(day))
		raw = binary.BigEndian.AppendUint64(raw, uint64(p))
	}
	raw = binary.BigEndian.AppendUint64(raw, uint64(c.After))
	if c.Day == "" && c.Told == 0 && c.Sweep == "" {
		return raw
	}
	put(c.Day, c.Told)
	if c.Sweep != "" {
		put(c.Sweep, c.SweepTold)
		put(c.AtDay, c.AtEvent)
	}
	return raw
}

func readCursor(raw []byte) (c projections.Cursor) {
	position := func() (p events.Position) {
		p, raw = events.Position(binary.BigEndian.Uint64(raw)), raw[8:]
		return p
	}
	day := func() (d events.Date) {
		d, raw = dayOf(binary.BigEndian.Uint32(raw)), raw[4:]
		return d
	}
	c.After = position()
	if len(raw) > 0 {
		c.Day, c.Told = day(), position()
	}
	if len(raw) > 0 {
		c.Sweep, c.SweepTold = day(), position()
		c.AtDay, c.AtEvent = day(), position()
	}
	return c
}

// dayNumber is a day as eight digits; 0 for none.
func dayNumber(d events.Date) uint32 {
	n, _ := strconv.ParseUint(strings.ReplaceAll(string(d), "-", ""), 10, 32)
	return uint32(n)
}

func dayOf(n uint32) events.Date {
	if n == 0 {
		return ""
	}
	return events.Date(fmt.Sprintf("%04d-%02d-%02d", n/10_000, n/100%100, n%100))
}

// from is the cursor to go on from, or errCursor. One from before the book was put
// back may name a position that was lost and means another event now: then it goes on
// from where the backup ended, what fell due comes again, and nothing new is passed over.
func (s *Server) from(partner, cursor string) (at projections.Cursor, err error) {
	if cursor == "" {
		return at, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || !slices.Contains([]int{shortCursor, dueCursor, sweepCursor}, len(raw)-8) {
		return at, errCursor
	}
	raw = raw[:len(raw)-8]
	for restores := len(s.cfg.Restores); restores >= 0; restores-- {
		if s.cursorOf(restores, partner, raw) != cursor {
			continue
		}
		at = readCursor(raw)
		for _, r := range s.cfg.Restores[restores:] {
			at = projections.Cursor{After: min(at.After, r.Position)}
		}
		if last := s.cfg.Ledger.Position(); max(at.After, at.Told, at.SweepTold) <= last {
			return at, nil
		}
	}
	return projections.Cursor{}, errCursor
}
