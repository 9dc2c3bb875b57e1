package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
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
	// batchesAtOnce is how many batches of one credential are taken in at a time:
	// each may hold 16 MiB of memory.
	batchesAtOnce = 2
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
	in := incoming{caller: caller, headers: r.Header, batch: intake.IsBatch(r.Header)}
	leave, err := s.delivers(in)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	defer leave()
	if in.trial, err = reportQuestion(r); err == nil {
		in.body, err = in.read(w, r)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	// A sender that hangs up does not undo what it sent.
	status, answer, err := s.work(context.WithoutCancel(r.Context()), in)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.answer(w, r, status, answer)
}

// incoming is what came in, from whom.
type incoming struct {
	caller  ledger.Caller
	headers http.Header
	body    []byte
	batch   bool
	trial   bool
}

// delivers counts what a credential has under way until leave is called.
func (s *Server) delivers(in incoming) (leave func(), err error) {
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

// reportQuestion is everything about a report but what is in it.
func reportQuestion(r *http.Request) (trial bool, err error) {
	query, faults := parseQuery(r, func(name string) bool { return name == trialParameter })
	if values := query[trialParameter]; len(values) == 1 {
		if trial = values[0] == "true"; !trial && values[0] != "false" {
			faults = append(faults, expected("query", trialParameter))
		}
	}
	if len(faults) > 0 {
		return false, invalid(faults...)
	}
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if !strings.EqualFold(strings.TrimSpace(encoding), "identity") {
			return false, problemEncoding
		}
	}
	if !acceptsJSON(r.Header) {
		return false, problemUnacceptable
	}
	return trial, nil
}

// read takes the body, and of one that is too large one byte too many: the desk
// then refuses it as it does at the other door.
func (in *incoming) read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	most := int64(events.MaxSize)
	if in.batch {
		most = intake.MaxBatchBytes
	}
	if in.batch && r.ContentLength > most {
		return nil, ledger.TooLarge(intake.MaxBatchBytes)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	switch {
	case int64(len(body)) > most: // the rest is not waited for
		return body, nil
	case err == nil:
		w.Header().Del("Connection") // see outside
		return body, nil
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, problemIncomplete
	}
	return nil, invalid(events.Fault{Field: "", Code: "onleesbaar", Sentence: events.Sentence{
		NL: "De inhoud is niet volgens HTTP verzonden en kan niet gelezen worden.",
		EN: "The body was not sent after the rules of HTTP and cannot be read.",
	}})
}

// work takes a place, unless there is none, and lets the desk have it.
func (s *Server) work(ctx context.Context, in incoming) (status int, answer any, err error) {
	if !s.enter() {
		return 0, nil, ledger.ErrBusy
	}
	defer s.leave()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return s.take(ctx, in)
}

// take is what the desk makes of it, and what to answer.
func (s *Server) take(ctx context.Context, in incoming) (status int, answer any, err error) {
	if in.batch {
		all := s.cfg.Desk.ReportAll
		if in.trial {
			all = s.cfg.Desk.TryAll
		}
		outcomes, err := all(ctx, in.caller, in.body)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusOK, s.batchAnswer(ctx, outcomes, in.trial), nil
	}
	one := s.cfg.Desk.Report
	if in.trial {
		one = s.cfg.Desk.Try
	}
	receipt, err := one(ctx, in.caller, in.headers, in.body)
	if err != nil {
		return 0, nil, err
	}
	if status = receiptStatus(receipt); in.trial {
		status = http.StatusOK
	}
	return status, receiptAnswer(receipt, in.trial), nil
}

// batchAnswer is every outcome of a batch, in its order.
func (s *Server) batchAnswer(ctx context.Context, outcomes []ledger.Outcome, trial bool) *BatchAnswer {
	out := &BatchAnswer{Items: make([]BatchItem, len(outcomes))}
	for i, o := range outcomes {
		item := &out.Items[i]
		if o.Err != nil {
			item.Problem = &Problem{s.told(ctx, o.Err)}
			item.Status = item.Problem.Status
			out.Refused++
			continue
		}
		item.Receipt, item.Status = receiptAnswer(o.Receipt, trial), receiptStatus(o.Receipt)
		if o.Receipt.Again {
			out.Again++
		} else {
			out.Recorded++
		}
	}
	return out
}

func receiptStatus(r *ledger.Receipt) int {
	if r.Again {
		return http.StatusOK
	}
	return http.StatusCreated
}

func receiptAnswer(r *ledger.Receipt, trial bool) *Receipt {
	out := &Receipt{Advice: r.Advice, ID: r.ID}
	if !trial {
		out.Position = &r.Position
	}
	return out
}

// answer writes as the other door does, so that the same answer is the same bytes.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
