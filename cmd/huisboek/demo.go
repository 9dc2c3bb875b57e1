package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/cmd/huisboek/story"
	"huisboek/events"
	"huisboek/ledger"
)

func demoCommand() *cobra.Command {
	var listen, natsListen string
	var seed uint64
	c := &cobra.Command{
		Use:   "demo",
		Short: "Serve an invented year of regio Zwolle, and say what to try",
		Long: `Serve an invented year of regio Zwolle (AM36) until interrupted: its real municipalities,
UWV and four invented SW companies, and some 2,000 invented employers. Everything goes
through the same checks as a partner's own events, with the clock running through the
year. It lives in a temporary folder that is removed at the end. The same --seed on the
same day tells the same story.`,
		Args: cobra.NoArgs,
		RunE: work(func(cmd *cobra.Command, _ []string) error {
			return demo(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr(), listen, natsListen, seed)
		}),
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address for HTTP; port 0 takes a free one")
	c.Flags().StringVar(&natsListen, "nats-listen", "127.0.0.1:4222", "address for partners over NATS; port 0 takes a free one")
	c.Flags().Uint64Var(&seed, "seed", 36, "which story")
	return c
}

// demoClock runs through the story's year, and then with the machine's.
type demoClock struct{ at atomic.Pointer[time.Time] }

func (c *demoClock) set(t time.Time) { c.at.Store(&t) }
func (c *demoClock) release()        { c.at.Store(nil) }

func (c *demoClock) now() time.Time {
	if t := c.at.Load(); t != nil {
		return *t
	}
	return time.Now()
}

func demo(ctx context.Context, out, errOut io.Writer, listen, natsListen string, seed uint64) (err error) {
	words := serveWords{Listen: listen}
	words.NATS = natsListen
	words.Dir = "-" // so that check sees one; the real one follows
	if err := words.check(); err != nil {
		return err
	}
	l, err := words.listen(ctx)
	if err != nil {
		return fmt.Errorf("%w (another demo? --listen 127.0.0.1:0 takes a free port)", err)
	}
	dir, err := os.MkdirTemp("", "huisboek-demo-")
	if err != nil {
		return errors.Join(err, l.Close())
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	began := time.Now()
	told := story.Year(seed, events.DateOf(began))
	clock := &demoClock{}
	clock.set(told.Start)
	h, err := openHouse(ctx, settings{
		Dir: filepath.Join(dir, "data"), Region: story.Region, OIN: story.StewardOIN, NATS: natsListen, Now: clock.now, Scrub: true, ViewsLate: true,
		Signin:   signinSettings{OneClick: demoPeople(told)},
		Erasures: filepath.Join(dir, "erasures.jsonl"), Log: newLog(errOut, false).With("demo", true),
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	p := progress{}
	if isTerminal(errOut) {
		p.w = errOut
	}
	at, err := h.tell(ctx, told, clock, &p)
	p.end()
	if err == nil {
		err = h.showDemo(ctx, told, at, dir, h.url(l), time.Since(began), out)
	}
	if err != nil {
		return errors.Join(err, l.Close(), h.Close())
	}
	return h.serve(ctx, l, out)
}

// landmarks are positions in a story that was told.
type landmarks struct {
	through events.Position    // the plan that went through a warning
	twice   [2]events.Position // the placement that was reported twice
}

// tell records a story through the same door as everybody's events.
func (h *house) tell(ctx context.Context, told *story.Story, clock *demoClock, p *progress) (at landmarks, err error) {
	day := events.DateOf(told.Start)
	callers := map[int]ledger.Caller{story.Steward: localCaller, story.Board: localBoard}
	for i := range told.Partners {
		who := &told.Partners[i]
		if err := h.say(ctx, who.Admitted(day)); err != nil {
			return at, fmt.Errorf("%s: %w", who.Name, err)
		}
		callers[i] = ledger.Caller{Role: ledger.RolePartner, Partner: who.ID, Credential: ledger.DoorLocal, Door: ledger.DoorNATS}
	}
	n, lately := uint64(0), events.DateOf(time.Now()).AddDays(-30)
	for step := range told.Events() {
		clock.set(step.At)
		e, err := step.Event()
		var receipt *ledger.Receipt
		switch who := callers[step.Partner]; {
		case err != nil:
		case who.Role == ledger.RolePartner && events.DateOf(step.At) >= lately:
			// By the counter of the doors, which remembers what came in.
			receipt, err = h.desk.Report(ctx, who, structured, e.Canonical())
			var agreed ledger.Problem
			if errors.As(err, &agreed) && agreed.Receipt != nil { // a plan that the agreement refuses is part of the story
				receipt, err = agreed.Receipt, nil
			}
		default:
			receipt, err = h.ledger.Record(ctx, ledger.Submission{Event: e, Caller: who})
		}
		if err != nil {
			return at, fmt.Errorf("event %d of the story (%s): %w", n+1, step.Data.Type().Name(), err)
		}
		switch step.ID {
		case told.Highlights.Through.ID:
			at.through = receipt.Position
		case told.Highlights.Twice[0].ID:
			at.twice[0] = receipt.Position
		case told.Highlights.Twice[1].ID:
			at.twice[1] = receipt.Position
		}
		if n++; n%500 == 0 {
			p.show("the year so far", n, uint64(told.Len()))
		}
	}
	asker := &told.Partners[told.Highlights.Asker]
	if err := h.tellWrong(ctx, callers[told.Highlights.Asker], asker, told.Employers[told.Highlights.Known].KvK); err != nil {
		return at, err
	}
	clock.release()
	return at, h.follow(ctx)
}

// structured is how an event comes in as one JSON object.
var structured = map[string][]string{"Content-Type": {intake.Structured}}

// tellWrong tells some events that are refused, as a system does whose makers are still
// learning.
func (h *house) tellWrong(ctx context.Context, c ledger.Caller, who *story.Partner, kvk string) error {
	day := string(events.DateOf(h.Now()))
	for i, data := range []string{
		`{"kvkNummer":"` + kvk[1:] + `","datum":"` + day + `","doel":"acquisitie","vorm":"telefoon","accountmanager":{"medewerker":"am-1","naam":"Accountmanager Een"}}`,
		`{"kvkNummer":"` + kvk + `","datum":"` + day[:5] + `02-30","doel":"acquisitie","vorm":"telefoon","accountmanager":{"medewerker":"am-1","naam":"Accountmanager Een"}}`,
		`{"kvkNummer":"` + kvk + `","datum":"` + day + `","doel":"kennismaken","vorm":"bezoek","accountmanager":{"medewerker":"am-1","naam":"Accountmanager Een"}}`,
		`{"kvkNummer":"` + kvk + `","datum":"` + day + `","doel":"nazorg","vorm":"telefoon","toelichting":"Gesproken over 111222333."}`,
	} {
		event := fmt.Sprintf(`{"specversion":"1.0","type":%q,"source":%q,"id":"proef-%d","data":%s}`, events.TypeVisitMade, who.Source(), i+1, data)
		var refused events.Faults
		if _, err := h.desk.Report(ctx, c, structured, []byte(event)); !errors.As(err, &refused) {
			return fmt.Errorf("an event that is wrong was not refused: %w", err)
		}
	}
	return nil
}

// lately is a cursor of a partner's messages just before that about an event; without
// one, with only the last few behind it.
func (h *house) lately(ctx context.Context, partner string, about events.Position) (cursor string, err error) {
	reader := ledger.Caller{Role: ledger.RolePartner, Partner: partner}
	for next, more := "", true; more; {
		cursor = next
		answer, err := h.web.Messages(ctx, reader, next, 10)
		if err != nil {
			return "", err
		}
		before := slices.IndexFunc(answer.Messages, func(m web.Message) bool { return m.Position == about })
		if before > 0 {
			answer, err = h.web.Messages(ctx, reader, cursor, before)
			if err != nil {
				return "", err
			}
			return answer.Next, nil
		}
		if before == 0 {
			return cursor, nil
		}
		next, more = answer.Next, answer.More
	}
	return cursor, nil
}

// showDemo makes a credential for every role and prints what to try, as commands
// that work.
func (h *house) showDemo(ctx context.Context, told *story.Story, at landmarks, dir, url string, took time.Duration, out io.Writer) error {
	hi := told.Highlights
	asker := &told.Partners[hi.Asker]
	creds, err := h.giveAccount(asker.ID, asker.Name)
	if err != nil {
		return err
	}
	credsPath, eventPath := filepath.Join(dir, "partner.creds"), filepath.Join(dir, "plan.json")
	if err := os.WriteFile(credsPath, []byte(creds), 0o600); err != nil {
		return err
	}
	busy, quiet, known := told.Employers[hi.Busy], told.Employers[hi.Quiet], told.Employers[hi.Known]
	if err := os.WriteFile(eventPath, demoPlan(asker.Source(), busy.KvK), 0o600); err != nil {
		return err
	}
	tokens := map[ledger.Role]string{}
	for _, c := range []access.Credential{
		{Role: ledger.RolePartner, Partner: asker.ID, Name: asker.Name}, {Role: ledger.RoleSteward, Name: "steward"},
		{Role: ledger.RoleBoard, Name: "Regionaal Beraad"}, {Role: ledger.RoleAuditor, Name: "auditor"},
	} {
		c.Kind = access.KindToken
		if _, tokens[c.Role], err = h.access.Add(c); err != nil {
			return err
		}
	}
	year := events.DateOf(h.Now()).AddDays(-365).Month()
	before := events.DateOf(h.Now()).AddDays(-31)
	before = events.Date(before[:8] + "01").AddDays(-1) // the end of a month of which the last report has come
	lately, err := h.lately(ctx, asker.ID, at.through)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `Regio Zwolle (AM36), invented: %d events of %d partners at %d employers, told in %s.

Open in a browser, and be anybody with one click:
  %s

Below is the same on the command line and for programs. You speak for %s.

Who has visited this employer, who is about to, whom do I call first?
  go run ./cmd/huisboek who %s --server %s --token %s

And one where nobody has been:
  go run ./cmd/huisboek who %s --server %s --token %s

You know a name, and not quite how it is written:
  go run ./cmd/huisboek employer find "%s" --server %s --token %s

%s planned to go to an employer; %s got "bezet" and goes all the same. Why, and would it be so today?
  go run ./cmd/huisboek explain %d --server %s --token %s

What clashed there, and how it ended; and does the agreement work, month by month?
  curl -s -H "Authorization: Bearer %s" "%s/v1/botsingen?werkgever=%s"
  curl -s -H "Authorization: Bearer %s" "%s/v1/werking?van=%s"

What is there to tell you? A plan of yours expires, a vacancy is the region's, somebody went through where you follow:
  curl -s -H "Authorization: Bearer %s" "%s/v1/berichten?na=%s"

Plan a visit at the busy one yourself, over NATS, and read whom to call:
  go run ./cmd/huisboek submit --creds %s --nats %s %s

The same plan over HTTP, with nothing of ours; it counts once:
  curl -s -H "Authorization: Bearer %s" -H "Content-Type: application/cloudevents+json" --data-binary @%s %s/v1/gebeurtenissen

What does your own system do well and not so well?
  go run ./cmd/huisboek check --lang en --server %s --token %s --source %s

How do the joint targets stand, as the board sees it? One of them taken apart; why a figure of then is another now; and as a workbook:
  go run ./cmd/huisboek targets --server %s --token %s
  go run ./cmd/huisboek targets show plaatsingen --by partner,maand --server %s --token %s
  go run ./cmd/huisboek targets why plaatsingen --on %s --known %s --server %s --token %s
  go run ./cmd/huisboek targets export banen stand.xlsx --lang nl --server %s --token %s

Two partners may have reported the same placement. As the steward: which? And say that they did, so that it counts once:
  go run ./cmd/huisboek targets doubles --server %s --token %s
  go run ./cmd/huisboek targets same %d %d --reason "Navraag bij beide." --data %s

What share of the employers was visited, in each municipality?
  go run ./cmd/huisboek reach --server %s --token %s

Whom do we not hear of? %s has told nothing for a month:
  curl -s -H "Authorization: Bearer %s" %s/v1/dekking

As the steward: who may be the same employer? And say that these two are:
  go run ./cmd/huisboek employer doubles --server %s --token %s
  go run ./cmd/huisboek employer link --data %s %s %s --kind dezelfde

Who took part the day before %s went on in %s?
  go run ./cmd/huisboek partner list --data %s --on %s

Is everything still what was recorded?
  go run ./cmd/huisboek verify --data %s

How to connect a system, in a browser: %s/documentatie
Other tokens: steward %s, auditor %s
Ctrl-C ends the demo and removes its folder.

`, told.Len(), len(told.Partners), len(told.Employers), took.Round(100*time.Millisecond), url, asker.Name,
		busy.KvK, url, tokens[ledger.RolePartner],
		quiet.KvK, url, tokens[ledger.RolePartner],
		hi.Search, url, tokens[ledger.RolePartner],
		told.Partners[hi.Holder].Name, told.Partners[hi.Overrider].Name, at.through, url, tokens[ledger.RolePartner],
		tokens[ledger.RolePartner], url, told.Employers[hi.Contested].KvK, tokens[ledger.RolePartner], url, year,
		tokens[ledger.RolePartner], url, lately,
		credsPath, h.natsURL(), eventPath,
		tokens[ledger.RolePartner], eventPath, url,
		url, tokens[ledger.RolePartner], asker.Source(),
		url, tokens[ledger.RoleBoard], url, tokens[ledger.RoleBoard],
		before, before.AddDays(6), url, tokens[ledger.RoleBoard], url, tokens[ledger.RoleBoard],
		url, tokens[ledger.RoleSteward], at.twice[0], at.twice[1], h.Dir,
		url, tokens[ledger.RoleBoard],
		told.Partners[hi.Silent].Name, tokens[ledger.RolePartner], url,
		url, tokens[ledger.RoleSteward], h.Dir, hi.Twin, known.KvK,
		told.Partners[hi.Merged].Name, told.Partners[hi.Heir].Name, h.Dir, hi.MergedOn.AddDays(-1),
		h.Dir, url, tokens[ledger.RoleSteward], tokens[ledger.RoleAuditor])
	return err
}

func (h *house) natsURL() string { return h.server.ClientURL() }

// demoPlan is an event as a partner's system would send it, written by hand to
// show that nothing of ours is needed to make one.
func demoPlan(source, kvk string) []byte {
	day := events.DateOf(time.Now()).AddDays(10)
	return fmt.Appendf(nil, `{
  "specversion": "1.0",
  "type": "nl.werkgeversdiensten.bezoek-gepland.v1",
  "source": %q,
  "id": "mijn-eerste-plan",
  "subject": %q,
  "data": {
    "kvkNummer": %q,
    "benadering": "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e10",
    "datum": %q,
    "doel": "kennismaking",
    "accountmanager": {"medewerker": "am-demo", "naam": "Accountmanager Demo", "telefoon": "038-0000000"}
  }
}
`, source, kvk, kvk, string(day))
}
