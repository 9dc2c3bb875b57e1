package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describeMessages = description{
	id: "berichtenLezen", summary: "Berichten voor u, het oudste eerst",
	text: "Wat anderen doen bij werkgevers waar u een open plan heeft of vaste contactpersoon bent, en wat er van uw meldingen gewist is. Bewaar volgende en geef het de volgende keer als na: zo komt elk bericht ten minste eens aan.",
	tag:  "berichten",
}

type messagesQuestion struct {
	Question
	Count int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei; zonder dit vanaf het begin."`
}

// defaultMessages is how many messages come when nobody says how many.
const defaultMessages = 50

func (s *Server) messages(ctx context.Context, v *sight, in *messagesQuestion) (*MessagesAnswer, error) {
	out, err := s.messagesFor(ctx, v, in.After, in.Count, in.since())
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
	if _, err := s.position(c.Partner, after); err != nil {
		fault("na")
	}
	if faults != nil {
		return nil, invalid(faults...)
	}
	return s.messagesFor(ctx, v, after, max, 0)
}

func (s *Server) messagesFor(ctx context.Context, v *sight, cursor string, max int, since events.Position) (*MessagesAnswer, error) {
	after, err := s.position(v.caller.Partner, cursor)
	if err != nil {
		return nil, err
	}
	out := &MessagesAnswer{Book: s.cfg.Book}
	var rows []projections.Message
	if out.Freshness, err = s.read(ctx, since, func(tx projections.Tx) (err error) {
		rows, out.More, err = projections.Messages{}.After(tx, v.caller.Partner, after, max)
		return err
	}); err != nil {
		return nil, err
	}
	for _, m := range rows {
		after = m.Position
	}
	out.Next = s.cursor(v.caller.Partner, after)
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
	var gone bool
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

// cursor says where a partner is in its messages. The hash binds it to the partner,
// the book and its incarnation: one that was kept from another of these would pass
// messages over.
func (s *Server) cursor(partner string, at events.Position) string {
	return s.cursorOf(len(s.cfg.Restores), partner, at)
}

// cursorOf is a cursor as it was given out after so many restores.
func (s *Server) cursorOf(restores int, partner string, at events.Position) string {
	bound := fmt.Appendf(nil, "berichten %s %s %d", s.cfg.Book.ID, partner, at)
	if restores > 0 {
		bound = append(bound, " "+s.cfg.Restores[restores-1].Incarnation...)
	}
	hash := sha256.Sum256(bound)
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint64(nil, uint64(at)), hash[:8]...))
}

// position is the one to go on after, or errCursor. A cursor from before the book
// was put back may name a position that was lost and means another event now: then
// it goes on from where the backup ended, and nothing new is passed over.
func (s *Server) position(partner, cursor string) (events.Position, error) {
	if cursor == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(raw) != 16 {
		return 0, errCursor
	}
	at := events.Position(binary.BigEndian.Uint64(raw))
	for restores := len(s.cfg.Restores); restores >= 0; restores-- {
		if s.cursorOf(restores, partner, at) != cursor {
			continue
		}
		for _, r := range s.cfg.Restores[restores:] {
			at = min(at, r.Position)
		}
		if at <= s.cfg.Ledger.Position() {
			return at, nil
		}
	}
	return 0, errCursor
}
