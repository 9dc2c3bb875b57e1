package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	// answerWithin bounds the work on a report once its body is in.
	answerWithin = 30 * time.Second
	// batchesAtOnce is how many batches of one credential are taken in at a time,
	// until their answers are read: a slow one holds up its own.
	batchesAtOnce = 2
	// maxBodies is how many batches of everybody are in memory at a time, of 16 MiB
	// each: a quarter of a GiB. Whoever has many credentials has no more than this.
	maxBodies = 16
)

// report takes in what a partner or another tells, as its bytes came: what the
// desk answers is the same at either door.
//
// The order matters. Nothing is read for somebody who is not known or has too
// much under way, and a place among the requests that are worked on is taken
// only when all is there and until there is an answer, so that who sends or reads
// slowly holds up nobody but itself.
func (s *Server) report(w http.ResponseWriter, r *http.Request) {
	caller, ok := s.admit(w, r, everyRole)
	if !ok {
		return
	}
	in := &incoming{caller: caller, headers: r.Header, batch: intake.IsBatch(r.Header)}
	leave, err := s.delivers(in)
	if err != nil {
		in.trial, _ = isTrial(r)
		s.refuse(w, r, s.turned(in, err))
		return
	}
	defer leave()
	told, err := s.deliver(w, r, in)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	setRetryAfter(w.Header(), told.retryAfter)
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(told.body)))
	w.WriteHeader(told.status)
	w.Write(told.body)
}

// incoming is what came in, from whom.
type incoming struct {
	caller  ledger.Caller
	headers http.Header
	body    []byte
	batch   bool
	trial   bool
}

// outgoing is what is answered to it: after that nothing of what came in is needed.
type outgoing struct {
	status     int
	retryAfter int // seconds; 0: nothing has to come again
	body       []byte
}

// turned tells the desk what is refused here, before it saw it; a trial nobody
// remembers.
func (s *Server) turned(in *incoming, err error) error {
	if err != nil && !in.trial {
		s.cfg.Desk.Refused(in.caller, err)
	}
	return err
}

// delivers counts what a credential has under way until leave is called.
func (s *Server) delivers(in *incoming) (leave func(), err error) {
	leaveAll, err := s.cfg.Reports.Enter(in.caller.Credential)
	if err != nil || !in.batch {
		return leaveAll, err
	}
	leaveBatch, err := s.batches.Enter(in.caller.Credential)
	if err != nil {
		leaveAll()
		return nil, err
	}
	return func() { leaveBatch(); leaveAll() }, nil
}

// deliver takes the body in and lets the desk have it. A batch has its place in
// memory until there is an answer.
func (s *Server) deliver(w http.ResponseWriter, r *http.Request, in *incoming) (*outgoing, error) {
	err := in.question(r)
	if err == nil && in.batch {
		if !s.bodies.enter() {
			return nil, s.turned(in, ledger.ErrBusy)
		}
		defer s.bodies.leave()
	}
	if err == nil {
		err = in.read(w, r)
	}
	if err != nil {
		return nil, s.turned(in, err)
	}
	// A sender that hangs up does not undo what it sent.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerWithin)
	defer cancel()
	var out *outgoing
	if !s.working.hold(func() { out, err = s.take(ctx, in) }) {
		return nil, s.turned(in, ledger.ErrBusy)
	}
	return out, err
}

// isTrial reports whether nothing is to be recorded, and what is wrong with the
// query otherwise.
func isTrial(r *http.Request) (trial bool, faults events.Faults) {
	query, faults := parseQuery(r, func(name string) bool { return name == trialParameter })
	values := query[trialParameter]
	if len(values) == 1 && values[0] != "true" && values[0] != "false" {
		faults = append(faults, expected("query", trialParameter))
	}
	return slices.Contains(values, "true"), faults
}

// question reads everything about a report but what is in it.
func (in *incoming) question(r *http.Request) error {
	var faults events.Faults
	if in.trial, faults = isTrial(r); len(faults) > 0 {
		return invalid(faults...)
	}
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(encoding), "identity") {
			return problemEncoding
		}
	}
	if !acceptsJSON(r.Header) {
		return problemUnacceptable
	}
	if in.batch && r.ContentLength > intake.MaxBatchBytes {
		return ledger.TooLarge(intake.MaxBatchBytes)
	}
	return nil
}

// read takes the body, and of one that is too large one byte too many: the desk
// then refuses it as it does at the other door.
func (in *incoming) read(w http.ResponseWriter, r *http.Request) (err error) {
	most := int64(events.MaxSize)
	if in.batch {
		most = intake.MaxBatchBytes
	}
	in.body, err = io.ReadAll(io.LimitReader(r.Body, most+1))
	switch {
	case int64(len(in.body)) > most: // the rest is not waited for
		return nil
	case err == nil:
		w.Header().Del("Connection") // see outside
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return problemIncomplete
	}
	return invalid(unreadableBody)
}

var unreadableBody = events.Fault{Field: "", Code: codeUnreadable, Sentence: events.Sentence{
	NL: "De inhoud is niet volgens HTTP verzonden en kan niet gelezen worden.",
	EN: "The body was not sent after the rules of HTTP and cannot be read.",
}}

// take is what the desk makes of it, and what to answer.
func (s *Server) take(ctx context.Context, in *incoming) (*outgoing, error) {
	if in.batch {
		all := s.cfg.Desk.ReportAll
		if in.trial {
			all = s.cfg.Desk.TryAll
		}
		outcomes, err := all(ctx, in.caller, in.body)
		if err != nil {
			return nil, err
		}
		answer, after := s.batchAnswer(ctx, outcomes, in.trial)
		return written(http.StatusOK, answer, after)
	}
	one := s.cfg.Desk.Report
	if in.trial {
		one = s.cfg.Desk.Try
	}
	receipt, err := one(ctx, in.caller, in.headers, in.body)
	if err != nil {
		return nil, err
	}
	status := receiptStatus(receipt)
	if in.trial {
		status = http.StatusOK
	}
	return written(status, receiptAnswer(receipt, in.trial), 0)
}

// written is an answer as the other door writes it, so that the same answer is the
// same bytes.
func written(status int, v any, retryAfter int) (*outgoing, error) {
	body, err := json.Marshal(v)
	return &outgoing{status, retryAfter, body}, err
}

// batchAnswer is every outcome of a batch, in its order, and in how many seconds
// all that has to come again may: 0 when nothing has to.
func (s *Server) batchAnswer(ctx context.Context, outcomes []ledger.Outcome, trial bool) (out *BatchAnswer, retryAfter int) {
	out = &BatchAnswer{Items: make([]BatchItem, len(outcomes))}
	for i, o := range outcomes {
		item := &out.Items[i]
		if o.Err != nil {
			item.Problem = s.told(ctx, o.Err)
			item.Status = item.Problem.Status
			retryAfter = max(retryAfter, item.Problem.retryAfter)
			out.Refused++
			continue
		}
		item.Receipt, item.Status = receiptAnswer(o.Receipt, trial), receiptStatus(o.Receipt)
		switch {
		case o.Receipt.Outcome == events.Refused:
			out.Refused++
		case o.Receipt.Again:
			out.Again++
		default:
			out.Recorded++
		}
	}
	return out, retryAfter
}

// receiptStatus is that of a receipt. One of a plan that the agreement refuses comes of
// a trial only: it is what was asked for.
func receiptStatus(r *ledger.Receipt) int {
	if r.Again || r.Outcome == events.Refused {
		return http.StatusOK
	}
	return http.StatusCreated
}

func receiptAnswer(r *ledger.Receipt, trial bool) *Receipt {
	out := intake.ReceiptOf(r)
	if trial {
		out.Position = nil
	}
	return out
}
