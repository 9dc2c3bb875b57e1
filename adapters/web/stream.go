package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-json-experiment/json"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// mediaStream is a list of messages that stays open: server-sent events, as the HTML
// standard describes them.
const mediaStream = "text/event-stream"

const (
	messagesPath = "/v1/berichten"

	// maxStreams are the streams that are open at a time, streamsAtOnce those of one
	// credential.
	maxStreams    = 256
	streamsAtOnce = 4
	// heartbeat is how long nothing is sent at most. It also is how long a stream goes
	// on at most once its credential has ended.
	heartbeat = 15 * time.Second
	// gatherFor is how long a stream waits for what comes together: in a flood of
	// events it looks ten times a second and not at each.
	gatherFor = 100 * time.Millisecond
	// streamPatience is how long one write may take: who does not read is cut off.
	streamPatience = 10 * time.Second
	// streamPage is how many messages are read at a time.
	streamPage = 50
	// reconnect is how long a reader is asked to wait before it comes back.
	reconnect = 5 * time.Second
)

var problemStreams = later(30, "te-druk", "Het is te druk",
	"Er staan te veel stromen van berichten open. Sluit er een, of vraag de berichten gewoon op.")

// wantsStream reports whether a request is for messages as a stream: it lists that
// form by name, and JSON not before it.
func wantsStream(r *http.Request) bool {
	if r.Method != http.MethodGet || r.URL.Path != messagesPath {
		return false
	}
	for _, item := range strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",") {
		switch media, _, err := mime.ParseMediaType(item); {
		case err != nil:
		case media == mediaStream:
			return true
		case media == mediaJSON:
			return false
		}
	}
	return false
}

type stoppingKey struct{}

// withStopping lets what answers for long see that the server is to stop: the
// context of a request goes on until it has been answered.
func withStopping(stopping context.Context) context.Context {
	return context.WithValue(context.Background(), stoppingKey{}, stopping)
}

// streamMessages answers with messages as they come, until the reader, its credential,
// its membership or the server ends.
func (s *Server) streamMessages(w http.ResponseWriter, r *http.Request) {
	r.Pattern = http.MethodGet + " " + messagesPath + " " + mediaStream // counted apart: its duration is the reader's
	caller, ok := s.admit(w, r, []ledger.Role{ledger.RolePartner})
	if !ok {
		return
	}
	from, err := s.streamFrom(r, caller.Partner)
	if err == nil {
		err = s.cfg.Questions.Take(caller.Credential, 1)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	leave, err := s.streams.Enter(caller.Credential)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer leave()
	if !s.streaming.enter() {
		s.refuse(w, r, problemStreams)
		return
	}
	defer s.streaming.leave()

	ctx, stop := context.WithCancel(r.Context())
	defer stop()
	if stopping, ok := r.Context().Value(stoppingKey{}).(context.Context); ok {
		defer context.AfterFunc(stopping, stop)()
	}
	out := &messageStream{s: s, r: r, w: w, to: http.NewResponseController(w), caller: caller, at: from}
	if err := out.next(ctx); err != nil {
		s.refuse(w, r, err) // nothing was answered yet
		return
	}
	if err := out.run(ctx); ctx.Err() == nil {
		s.cfg.Log.DebugContext(ctx, "a stream of messages ends", "request", requestID(ctx), "error", err)
	}
}

// streamFrom is where a reader goes on: where it was when it lost the stream, else
// where it says.
func (s *Server) streamFrom(r *http.Request, partner string) (at projections.Cursor, err error) {
	query, faults := parseQuery(r, func(name string) bool { return name == "na" })
	if len(faults) > 0 {
		return at, invalid(faults...)
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		if at, err = s.from(partner, last); err != nil {
			f := expected("query", "na")
			f.Field = "/header/Last-Event-ID"
			return at, invalid(f)
		}
		return at, nil
	}
	if at, err = s.from(partner, query.Get("na")); err != nil {
		return at, invalid(expected("query", "na"))
	}
	return at, nil
}

// messageStream is one stream of messages.
type messageStream struct {
	s      *Server
	r      *http.Request
	w      http.ResponseWriter
	to     *http.ResponseController
	caller ledger.Caller

	at   projections.Cursor
	rows []projections.Message // read, and not sent yet
	v    *sight                // as whom they were read
	more bool                  // there are others behind them
	seen events.Position       // what the views had come to
}

// next reads what there is to tell, when the reader may still be told.
func (m *messageStream) next(ctx context.Context) error {
	caller, err := m.s.authenticate(m.r)
	if err != nil || caller.Partner != m.caller.Partner || caller.Role != m.caller.Role {
		return problemUnauthenticated
	}
	if m.v, err = m.s.sight(ctx, m.caller); err != nil {
		return err
	}
	fresh, err := m.s.read(ctx, 0, func(tx projections.Tx) (err error) {
		m.rows, m.at, m.more, err = projections.Messages{}.After(tx, m.caller.Partner, m.at, m.v.today, streamPage)
		return err
	})
	m.seen = fresh.Position
	return err
}

// run gives messages until something ends that, which it says.
func (m *messageStream) run(ctx context.Context) error {
	m.w.Header().Set("Content-Type", mediaStream)
	m.w.Header().Set("X-Accel-Buffering", "no") // a proxy in between passes it on at once
	// The server's limits are for a request that is answered at once. A test's answer
	// has no deadlines.
	if err := m.to.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if err := m.write(fmt.Appendf(nil, "retry: %d\n\n", reconnect.Milliseconds())); err != nil {
		return err
	}
	for {
		for i := range m.rows {
			if err := m.send(&m.rows[i]); err != nil {
				return err
			}
		}
		if !m.more {
			if err := m.wait(ctx); err != nil {
				return err
			}
		}
		if err := m.next(ctx); err != nil {
			return err
		}
	}
}

// send writes one message; its id is where the reader is after it.
func (m *messageStream) send(row *projections.Message) error {
	msg, err := m.s.message(m.v, row)
	if err != nil {
		return err
	}
	data, err := json.Marshal(msg)
	if err != nil {
		return err
	}
	return m.write(fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", m.s.messageCursor(m.caller.Partner, row.Next), row.Kind, data))
}

func (m *messageStream) write(b []byte) error {
	if err := m.to.SetWriteDeadline(time.Now().Add(streamPatience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := m.w.Write(b); err != nil {
		return err
	}
	return m.to.Flush()
}

// wait waits until something was recorded, a day has begun, or a sign of life is due,
// which it gives.
func (m *messageStream) wait(ctx context.Context) error {
	beat, cancel := context.WithTimeout(ctx, min(m.s.cfg.Heartbeat, untilMidnight(m.s.cfg.Now())))
	defer cancel()
	err := m.s.cfg.Views.WaitFor(beat, m.seen+1)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		t := time.NewTimer(gatherFor)
		defer t.Stop()
		select {
		case <-t.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	case beat.Err() != nil:
		return m.write([]byte(":\n\n"))
	}
	return err
}

// untilMidnight is how long a day in the Netherlands still lasts, and a second.
func untilMidnight(now time.Time) time.Duration {
	return events.DateOf(now).AddDays(1).Begins().Sub(now) + time.Second
}

// describeStream adds to the document that messages come as a stream, too.
func (s *Server) describeStream() {
	op := s.api.OpenAPI().Paths[messagesPath].Get
	op.Responses["200"].Content[mediaStream] = &huma.MediaType{Schema: &huma.Schema{
		Type: huma.TypeString,
		Description: "Server-sent events, tot u of de server stopt: per bericht id (geef dat terug als Last-Event-ID of als na), event (de soort) en data (het bericht, als Bericht). " +
			"Ten minste elke 15 seconden komt er een regel. Ten hoogste 4 tegelijk per token.",
	}}
}
