package browser_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// person is somebody of the demo, as the sign-in page says who they are.
type person string

const (
	manager = person("accountmanager, Gemeente Zwolle")
	other   = person("accountmanager, UWV")
	third   = person("accountmanager, SW-bedrijf")
	partner = person("beheerder bij de partner")
	board   = person("bestuur van de regio")
	steward = person("regisseur van de regio")
	auditor = person("auditor")
	nobody  = person("")
)

// enter signs somebody in, by clicking on who they are.
func enter(t *testing.T, who person, l look) *tab {
	t.Helper()
	p := open(t, l)
	if who != nobody {
		p.visit("/inloggen")
		p.click("button[name=wie]", string(who))
		p.wait("being signed in", `document.readyState === 'complete' && !!document.querySelector('.who a.me')`)
		p.taps = 0
	}
	return p
}

// found is where an element is on the screen, or why it cannot be clicked.
type found struct {
	X, Y  float64
	Touch bool
	Why   string
}

// finder looks for the first element of a selector that is to be seen, and says a text
// when one is asked for; it is brought into view, and nothing may lie over it.
const finder = `((selector, text) => {
	const flat = s => (s ?? '').replace(/\s+/g, ' ').trim();
	const all = [...document.querySelectorAll(selector)].filter(e => flat(e.textContent).includes(text));
	if (!all.length) return {Why: 'there is none'};
	const e = all.find(e => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length);
	if (!e) return {Why: 'it is hidden'};
	if (e.disabled) return {Why: 'it is disabled'};
	e.scrollIntoView({block: 'center', inline: 'nearest', behavior: 'instant'});
	const r = e.getClientRects()[0], x = r.left + r.width / 2, y = r.top + r.height / 2;
	const hit = document.elementFromPoint(x, y);
	if (!hit || !(e === hit || e.contains(hit) || hit.contains(e) && hit.closest('a,button,label') === null || hit.closest('label')?.control === e))
		return {Why: 'under ' + (hit ? hit.outerHTML.slice(0, 120) : 'nothing')};
	return {X: x, Y: y, Touch: navigator.maxTouchPoints > 0};
})(%s, %s)`

// click clicks, or taps on a phone, the first element of a selector that says text.
func (p *tab) click(selector string, text ...string) {
	p.Helper()
	p.taps++
	at := p.find(selector, strings.Join(text, " "))
	if at.Touch {
		// A finger that leaves the page by its tap is at times not confirmed: what comes of
		// it is what is waited for.
		ctx, cancel := context.WithTimeout(p.ctx, patience/12)
		defer cancel()
		if err := chromedp.Do(ctx, chromedp.TapXY(at.X, at.Y)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			p.Fatalf("%v\n%s", err, p.where())
		}
		return
	}
	p.do(chromedp.MouseClickXY(at.X, at.Y))
}

// find waits until an element can be clicked.
func (p *tab) find(selector, text string) found {
	p.Helper()
	expression := fmt.Sprintf(finder, quoted(selector), quoted(text))
	var at found
	var err error
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tick := time.NewTicker(glance)
	defer tick.Stop()
	for ctx.Err() == nil {
		at, err = chromedp.Run(ctx, chromedp.Evaluate[found](expression))
		if err == nil && at.Why == "" {
			return at
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	p.Fatalf("%s %q: %s %v\n%s", selector, text, at.Why, err, p.where())
	return at
}

// write types a text into a field, as a person who clicks into it.
func (p *tab) write(selector, text string) {
	p.Helper()
	p.click(selector)
	p.wait("the focus on "+selector, `document.activeElement?.matches(`+quoted(selector)+`)`)
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// types types a text where the focus is, key by key.
func (p *tab) types(text string) {
	p.Helper()
	p.do(chromedp.KeyEvent(text))
}

// set gives a field its value, as a picker of days or a list does.
func (p *tab) set(selector, value string) {
	p.Helper()
	p.taps++
	p.wait(selector, `document.querySelector(`+quoted(selector)+`)`)
	eval[bool](p, `(e => { e.value = `+quoted(value)+`; for (const n of ['input', 'change']) e.dispatchEvent(new Event(n, {bubbles: true})); return true })(document.querySelector(`+quoted(selector)+`))`)
}

// key is one key of a keyboard.
type key struct {
	name, code, text string
	number           int64
	commands         []string // what an editor does at it
}

var (
	slash     = key{name: "/", code: "Slash", text: "/", number: 191}
	enterKey  = key{name: "Enter", code: "Enter", text: "\r", number: 13}
	escape    = key{name: "Escape", code: "Escape", number: 27}
	tabKey    = key{name: "Tab", code: "Tab", number: 9}
	arrowDown = key{name: "ArrowDown", code: "ArrowDown", number: 40}
	arrowUp   = key{name: "ArrowUp", code: "ArrowUp", number: 38}
	selectAll = key{name: "a", code: "KeyA", number: 65, commands: []string{"selectAll"}}
)

// press presses a key once. It is one event with its text, as a person's is:
// chromedp.KeyEvent sends the character apart, so that a page that takes the key
// would still get the character.
func (p *tab) press(k key) {
	p.Helper()
	p.taps++
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		down := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: k.name, Code: k.code, Text: k.text, WindowsVirtualKeyCode: k.number, Commands: k.commands}
		if k.text == "" {
			down.Type = input.DispatchKeyEventTypeRawKeyDown
		}
		if _, err := chromedp.Call(ctx, input.DispatchKeyEvent, down); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: k.name, Code: k.code, WindowsVirtualKeyCode: k.number})
		return err
	}))
}

// sees waits until a text is on the screen, however it is broken into lines.
func (p *tab) sees(texts ...string) {
	p.Helper()
	for _, text := range texts {
		p.wait(strconv.Quote(text), `document.body.innerText.replace(/\s+/g, ' ').toLowerCase().includes(`+quoted(strings.ToLower(text))+`)`)
	}
}

// isAt waits until the address has a path.
func (p *tab) isAt(path string) {
	p.Helper()
	p.wait("being at "+path, `location.pathname === `+quoted(path)+` && document.readyState === 'complete' && document.querySelector('h1')`)
}

// quoted is a text as script writes it.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always can be written
	}
	return string(b)
}
