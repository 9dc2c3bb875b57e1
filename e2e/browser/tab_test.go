package browser_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// look is how somebody looks at a page.
type look struct {
	width, height int64
	touch         bool // a phone
	dark          bool
	plain         bool // without script
	forced        bool // colours are forced, as with high contrast
}

var (
	desktop = look{width: 1280, height: 900}
	phone   = look{width: 390, height: 844, touch: true}
)

func (l look) inDark() look        { l.dark = true; return l }
func (l look) withoutScript() look { l.plain = true; return l }

func (l look) String() string {
	s := fmt.Sprintf("%d", l.width)
	for _, one := range []struct {
		is   bool
		name string
	}{{l.dark, " dark"}, {l.plain, " without script"}, {l.forced, " forced colours"}} {
		if one.is {
			s += one.name
		}
	}
	return s
}

// tab is a page that somebody has open, in a browser context of its own: other
// cookies than every other.
type tab struct {
	*testing.T
	ctx  context.Context
	base string // the address of the house
	taps int    // what was clicked or tapped, and each key of the keyboard's own

	mu       sync.Mutex
	troubles []string
	status   map[string]int64 // what was answered, by address
	may      []int64          // the statuses of 400 and up that this page may answer with
	offline  bool             // failing to fetch is what is looked at
	beside   []string         // addresses that this page may go to besides the house's
	urls     map[network.RequestID]string
	weight   map[string]float64 // bytes over the wire since wire was emptied, by address
}

// open gives an empty page. What it logs, and what it cannot fetch, fails the test at
// its end.
func open(t *testing.T, l look) *tab {
	t.Helper()
	need(t)
	p := &tab{T: t, base: house.url, status: map[string]int64{}, urls: map[network.RequestID]string{}, weight: map[string]float64{}}
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.hear))
	p.ctx = ctx
	t.Cleanup(func() {
		p.T = t
		p.quiet()
		cancel()
	})
	if err := chromedp.Do(ctx); err != nil { // without a deadline: the tab is there as long as this context
		t.Fatal(err)
	}
	p.do(p.network(), p.as(l))
	return p
}

// do does one step after the other.
func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Fatalf("%v\n%s", err, p.where())
	}
}

// network switches on what hear listens to, and the focus.
func (p *tab) network() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
		if err == nil { // every tab is the one that is typed in, however many there are
			_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		}
		return err
	})
}

// as makes the window a phone's or a desk's, in a theme. Motion is always reduced: a
// colour that fades in is no colour to measure.
func (p *tab) as(l look) chromedp.Action[chromedp.Void] {
	options := []chromedp.EmulateViewportOption{}
	if l.touch {
		options = append(options, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	scheme, forced := "light", "none"
	if l.dark {
		scheme = "dark"
	}
	if l.forced {
		forced = "active"
	}
	return chromedp.Steps(chromedp.EmulateViewport(l.width, l.height, options...), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "forced-colors", Value: forced}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		if err == nil {
			_, err = chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.plain})
		}
		return err
	}))
}

// hear collects what goes wrong. It is called for every event in turn, before the
// answer to anything that was asked later.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	wrong := func(format string, args ...any) { p.troubles = append(p.troubles, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			wrong("console %s: %s", e.Type, spoken(e.Args))
		}
	case *runtime.EventExceptionThrown:
		wrong("exception: %s %s", e.ExceptionDetails.Text, spoken([]*runtime.RemoteObject{e.ExceptionDetails.Exception}))
	case *log.EventEntryAdded: // the network's own are heard of below
		if e.Entry.Source != log.EntrySourceNetwork && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			wrong("%s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		p.urls[e.RequestID] = e.Request.URL
		if !p.own(e.Request.URL) {
			wrong("a request to another site: %s", e.Request.URL)
		}
	case *network.EventResponseReceived:
		p.status[e.Response.URL] = e.Response.Status
		if e.Response.Status >= 400 && !slices.Contains(p.may, e.Response.Status) {
			wrong("%d: %s", e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFinished:
		p.weight[p.urls[e.RequestID]] += e.EncodedDataLength
	case *network.EventLoadingFailed:
		if !e.Canceled && !p.offline { // what the page itself calls off is no failure
			wrong("%s: %s %s", e.ErrorText, p.urls[e.RequestID], e.BlockedReason)
		}
	}
}

// own reports whether an address is the house's, or the browser's.
func (p *tab) own(address string) bool {
	return slices.ContainsFunc(append([]string{p.base + "/", "data:", "about:", "devtools:"}, p.beside...), func(prefix string) bool {
		return strings.HasPrefix(address, prefix)
	})
}

func spoken(all []*runtime.RemoteObject) string {
	var out []string
	for _, one := range all {
		if one == nil {
			continue
		}
		out = append(out, strings.Trim(string(one.Value)+" "+one.Description, ` "`))
	}
	return strings.Join(out, " ")
}

// mayAnswer lets this page answer with statuses that are otherwise a fault.
func (p *tab) mayAnswer(statuses ...int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.may = statuses
}

// quiet fails the test for everything that went wrong until now.
func (p *tab) quiet() {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, one := range p.troubles {
		p.Error(one)
	}
	p.troubles = nil
}

// answered is the status that an address was answered with last.
func (p *tab) answered(path string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.status[p.base+path]
}

// go to a path and wait until the page is there, with its script and styles.
func (p *tab) visit(path string) {
	p.Helper()
	p.do(chromedp.Navigate(p.base + path))
	p.wait("the page "+path, `document.readyState === 'complete' && !!document.querySelector('h1')`)
}

// eval asks the page something.
func eval[T any](p *tab, expression string) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.Fatalf("%.300s: %v\n%s", expression, err, p.where())
	}
	return v
}

// glance is how long there is between two looks at a page that is waited for.
const glance = 15 * time.Millisecond

// wait looks until the page fulfils a condition. A page that is on its way to another
// one has no answer, and is asked again.
func (p *tab) wait(what, condition string) {
	p.Helper()
	if err := p.until(condition, patience); err != nil {
		p.Fatalf("waited in vain for %s (%s): %v\n%s", what, condition, err, p.where())
	}
}

func (p *tab) until(condition string, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		if err == nil && yes {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("%w, at last %v", ctx.Err(), err)
		}
	}
}

// where says what is on the screen, for a test that fails.
func (p *tab) where() string {
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		`location.href + '\n' + document.title + '\n' + (document.querySelector('main')?.innerText ?? document.body.innerText).slice(0, 1500)`))
	if err != nil {
		return fmt.Sprint("the page does not say where it is: ", err)
	}
	return text
}
