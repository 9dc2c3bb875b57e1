package pages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"huisboek/adapters/signin"
	"huisboek/events"
)

// livePath is where a page hears that there is something new on it.
const livePath = "/levend"

const (
	// liveRhythm is how often a page is looked at again at most: what others record is
	// on the screen within a second.
	liveRhythm = 400 * time.Millisecond
	// liveSilence is how long a stream says nothing at most, so that a connection that
	// is gone is noticed at both ends.
	liveSilence = 15 * time.Second
	// livesOf is how many pages of one person are live at a time, and maxLives of all.
	livesOf, maxLives = 12, 512
	liveAgain         = 2 * time.Second
)

// lives count the streams that are open.
type lives struct {
	mu  sync.Mutex
	all int
	of  map[string]int
}

func (l *lives) enter(person string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all >= maxLives || l.of[person] >= livesOf {
		return false
	}
	if l.of == nil {
		l.of = map[string]int{}
	}
	l.all++
	l.of[person]++
	return true
}

func (l *lives) leave(person string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.of[person]--; l.of[person] == 0 {
		delete(l.of, person)
	}
}

// liveNews is what a page is told: up to when it is true, and what is new on it.
type liveNews struct {
	UpTo  string `json:"tot"`
	Say   string `json:"zin,omitempty"` // "1 nieuw. Toon het."; empty: nothing
	Fresh bool   `json:"nieuw"`
}

// live says to a page that is open what changed on it: it is made again whenever the
// book moved on, as the same person, and its marks are compared with those of when it
// was read. Nothing is moved on the screen: it says that there is something new.
func (v *visit) live() (*page, error) {
	target, err := url.Parse(v.query("pagina"))
	if err != nil || !strings.HasPrefix(target.Path, "/") || target.Path == livePath || target.Host != "" {
		return nil, errNoPage
	}
	if !v.s.lives.enter(v.person.ID) {
		v.w.Header().Set("Retry-After", "60")
		return nil, errBusy
	}
	defer v.s.lives.leave(v.person.ID)
	first, err := v.again(target)
	if err != nil || first.marks == nil {
		return nil, errNoPage
	}
	out := http.NewResponseController(v.w)
	v.w.Header().Set("Content-Type", "text/event-stream")
	v.w.Header().Set("X-Accel-Buffering", "no") // a proxy in between passes it on at once
	if err := out.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, err
	}
	fmt.Fprintf(v.w, "retry: %d\n\n", liveAgain.Milliseconds())
	// What the reader has may be older than what is made now: recorded while the page
	// was on its way, or while the connection was lost.
	v.follow(out, target, first, behind(v.query("stand"), first.marks))
	return nil, nil
}

// follow goes on until the reader is gone, or may not read the page any more. behind is
// whether the reader has another page than first.
func (v *visit) follow(out *http.ResponseController, target *url.URL, first *page, behind bool) {
	at := first.upTo.Position
	for now := first; ; {
		if err := v.tell(first, now, behind); err != nil || out.Flush() != nil {
			return
		}
		quiet, stop := context.WithTimeout(v.ctx(), liveSilence)
		err := v.s.cfg.Wait(quiet, at+1)
		stop()
		if v.ctx().Err() != nil {
			return
		}
		if err == nil {
			select {
			case <-time.After(liveRhythm):
			case <-v.ctx().Done():
				return
			}
		}
		if !v.s.cfg.Door.Still(v.r) {
			return // signed out, or gone
		}
		next, err := v.again(target)
		if err != nil {
			fmt.Fprint(v.w, ": wait\n\n") // the views may be away for a moment
			continue
		}
		now, at = next, max(at, next.upTo.Position)
	}
}

// again makes the page anew, without what it was told after a post.
func (v *visit) again(target *url.URL) (*page, error) {
	made := &remade{person: v.person}
	r := v.r.Clone(context.WithValue(v.ctx(), remadeKey{}, made))
	r.Method, r.URL, r.RequestURI = http.MethodGet, target, target.RequestURI()
	v.s.mux.ServeHTTP(nowhere{http.Header{}}, r)
	if made.page == nil {
		return nil, errNoPage
	}
	return made.page, nil
}

// remade receives a page instead of the reader. It knows who that is: that a page is
// open does not make a session used.
type remade struct {
	person *signin.Person
	page   *page
}

type remadeKey struct{}

// nowhere is where a page goes that nobody reads.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

// tell says up to when the page is true, and what is on it that was not.
func (v *visit) tell(first, now *page, behind bool) error {
	fresh, other := 0, false
	for _, m := range now.marks {
		switch {
		case slices.Contains(first.marks, m):
		case strings.HasPrefix(m, changeMark):
			other = true
		default:
			fresh++
		}
	}
	gone := other || slices.ContainsFunc(first.marks, func(m string) bool { return !slices.Contains(now.marks, m) })
	news := liveNews{UpTo: v.t("voet.bijgewerkt", v.upTo(now.upTo))}
	switch {
	case fresh > 0:
		news.Fresh, news.Say = true, v.t("levend.nieuw", fresh)
	case gone || behind:
		news.Fresh, news.Say = true, v.t("levend.anders")
	}
	b, err := json.Marshal(news)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(v.w, "event: stand\nid: %d\ndata: %s\n\n", uint64(now.upTo.Position), b)
	return err
}

// changeMark begins a mark of what is no line by itself: how one stands, or a figure. A
// new one says that something changed, and counts as no new line.
const changeMark = "="

// markOf is the mark of something that is told by a position: what is told anew has
// another one.
func markOf(at events.Position) string { return fmt.Sprint(uint64(at)) }

// shownAt begins what a page shows that tells no marks, before its position.
const shownAt = "p"

// shows is short for what a page shows, so that it can say so when it begins to listen:
// its marks, or the position it is true for when they are only made for live.
func shows(marks []string, at events.Position) string {
	if len(marks) == 0 {
		return shownAt + markOf(at)
	}
	h := fnv.New64a()
	for _, m := range slices.Sorted(slices.Values(marks)) {
		fmt.Fprintf(h, "%s\n", m)
	}
	return "m" + strconv.FormatUint(h.Sum64(), 36)
}

// behind reports whether a page that shows this is older than one with these marks. A
// page that says nothing is not.
func behind(shown string, marks []string) bool {
	at, told := strings.CutPrefix(shown, shownAt)
	if !told {
		return shown != "" && shown != shows(marks, 0)
	}
	position, err := strconv.ParseUint(at, 10, 64)
	return err == nil && slices.ContainsFunc(marks, func(m string) bool {
		n, err := strconv.ParseUint(m, 10, 64)
		return err == nil && n > position
	})
}
