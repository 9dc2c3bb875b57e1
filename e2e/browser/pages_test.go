package browser_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestPages looks at every page, light and dark, at a desk and on a phone: axe-core has
// nothing against it, nothing sticks out, everything has a name and can be hit, and
// the keyboard reaches what it is about.
func TestPages(t *testing.T) {
	need(t)
	for _, who := range append([]person{nobody}, everybody...) {
		var mine []sheet
		for _, s := range sheets() {
			if s.by == who {
				mine = append(mine, s)
			}
		}
		if len(mine) == 0 {
			continue
		}
		name, _, _ := strings.Cut(string(who), ",")
		t.Run("by "+name, func(t *testing.T) {
			t.Parallel()
			p := enter(t, who, desktop)
			for _, s := range mine {
				t.Run(s.name, func(t *testing.T) {
					p.T = t
					defer p.quiet()
					p.look(s)
				})
			}
		})
	}
}

// look is everything that is looked at on one page.
func (p *tab) look(s sheet) {
	p.mayAnswer(s.status)
	defer p.mayAnswer()
	for _, l := range []look{desktop, phone} {
		p.do(p.as(l))
		p.visit(s.path)
		want := s.status
		if want == 0 {
			want = 200
		}
		if got := p.answered(s.path); got != want {
			p.Fatalf("%s is answered with %d, want %d\n%s", s.path, got, want, p.where())
		}
		p.fits(l.String())
		p.ordered()
		if l.touch {
			p.tapped()
		} else {
			p.skipped()
		}
		p.axe(l.String())
		p.do(p.as(l.inDark()))
		p.axe(l.inDark().String())
	}
	p.do(p.as(look{width: 320, height: 640, touch: true}))
	p.fits("at 320 pixels")
	p.do(p.as(desktop))
	eval[bool](p, `document.documentElement.style.setProperty('font-size', '200%') || true`)
	p.fits("at 200 % text")
	p.do(p.as(look{width: 1280, height: 900, forced: true}))
	p.fits("in forced colours")
	if !eval[bool](p, `matchMedia('(forced-colors: active)').matches && matchMedia('(prefers-reduced-motion: reduce)').matches`) {
		p.Error("the browser does not force colours, or does not reduce motion")
	}
	p.do(p.as(desktop))
}

// fits: the page is as wide as the window. What is wider scrolls by itself.
func (p *tab) fits(how string) {
	p.Helper()
	if eval[bool](p, `document.documentElement.scrollWidth > document.documentElement.clientWidth`) {
		p.Errorf("%s: %d pixels wide in %d: %s", how, eval[int](p, `document.documentElement.scrollWidth`), eval[int](p, `document.documentElement.clientWidth`),
			eval[string](p, `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && e.closest('.scroll') === null)
				.map(e => e.tagName.toLowerCase() + '.' + (e.className.baseVal ?? e.className) + ' ' + Math.round(e.getBoundingClientRect().right)).slice(0, 6).join(', ')`))
	}
}

// order is what of the order of a page is not as it must be.
const order = `(() => {
	const out = [], all = s => [...document.querySelectorAll(s)];
	if (all('h1').length !== 1) out.push(all('h1').length + ' h1');
	for (const [s, n] of [['main', 1], ['header', 1], ['footer', 1]]) if (all('body > ' + s).length !== n) out.push(all('body > ' + s).length + ' ' + s);
	if (!document.documentElement.lang) out.push('no language');
	if (!document.title.includes('Huisboek')) out.push('title ' + document.title);
	const ids = all('[id]').map(e => e.id), twice = ids.filter((id, i) => ids.indexOf(id) !== i);
	if (twice.length) out.push('ids used twice: ' + [...new Set(twice)].join(' '));
	for (const e of all('[aria-labelledby],[aria-describedby],[aria-controls],label[for]'))
		for (const a of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for'])
			for (const id of (e.getAttribute(a) ?? '').split(' ')) if (id && !document.getElementById(id)) out.push(a + '=' + id + ' points to nothing');
	for (const e of all('input:not([type=hidden]),select,textarea'))
		if (!e.labels?.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) out.push('no label: ' + e.outerHTML.slice(0, 100));
	for (const e of all('a[href^="#"]')) if (e.getAttribute('href').length > 1 && !document.getElementById(e.getAttribute('href').slice(1))) out.push('link to nothing: ' + e.getAttribute('href'));
	for (const e of all('a:not([href])')) out.push('a link to nowhere: ' + e.outerHTML.slice(0, 100));
	for (const e of all('[style]')) if (e !== document.documentElement) out.push('a style attribute: ' + e.outerHTML.slice(0, 100));
	const levels = all('h1,h2,h3,h4,h5,h6').filter(e => e.checkVisibility()).map(e => +e.tagName[1]);
	levels.forEach((n, i) => { if (i && n > levels[i - 1] + 1) out.push('h' + n + ' under h' + levels[i - 1]); });
	if (/\b(undefined|NaN|null|%!|<no value>|ZgotmplZ)\b/.test(document.body.innerText)) out.push('a value that is none: ' + document.body.innerText.match(/.{0,30}\b(undefined|NaN|null|%!|<no value>|ZgotmplZ)\b.{0,30}/)[0]);
	return out;
})()`

// ordered: one h1, landmarks, ids that are one thing's, and a name for every field.
func (p *tab) ordered() {
	p.Helper()
	for _, wrong := range eval[[]string](p, order) {
		p.Error(wrong)
	}
}

// small are the buttons, fields and menus that are under 44 pixels, and other links under
// 24 (WCAG 2.2, 2.5.8).
const small = `[...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary')].flatMap(e => {
	if (!e.checkVisibility({visibilityProperty: true, opacityProperty: true}) || e.closest('.vh,.skip,[hidden],[aria-hidden=true]')) return [];
	let r = e.getBoundingClientRect();
	if (r.width <= 1 || r.height <= 1) return [];
	let high = r.height, wide = r.width;
	for (const label of e.labels ?? []) { const l = label.getBoundingClientRect(); if (e.type === 'checkbox' || e.type === 'radio') { high = Math.max(high, l.height); wide = Math.max(wide, l.width); } }
	const inline = e.tagName === 'A' && getComputedStyle(e).display === 'inline';
	const want = e.tagName === 'A' && !e.closest('.btn,.nav,.foot,.filters,.chips') ? 24 : 44;
	if (inline) { const line = parseFloat(getComputedStyle(e.parentElement).lineHeight); if (line) high = Math.max(high, line); wide = Math.max(wide, 24); }
	return high + 0.5 < want || wide + 0.5 < 24 ? [e.tagName.toLowerCase() + (e.id ? '#' + e.id : '') + '.' + e.className + ' "' + e.textContent.trim().slice(0, 30) + '" ' + Math.round(wide) + '×' + Math.round(high)] : [];
})`

// tapped: what is to be hit with a finger is large enough for one.
func (p *tab) tapped() {
	p.Helper()
	if all := eval[[]string](p, small); len(all) > 0 {
		slices.Sort(all)
		p.Errorf("too small for a finger: %s", strings.Join(slices.Compact(all), "; "))
	}
}

// skipped: the first key of the keyboard is on the link that skips to what the page is
// about, and it does.
func (p *tab) skipped() {
	p.Helper()
	eval[chromedp.Void](p, `document.activeElement.blur();void 0`)
	p.press(tabKey)
	if at := eval[string](p, `document.activeElement.className`); at != "skip" {
		p.Errorf("the first tab is on %q", at)
		return
	}
	p.press(enterKey)
	if p.until(`document.activeElement === document.querySelector('main')`, patience/6) != nil {
		p.Errorf("the skip link does not take the focus to what the page is about, but to %s", eval[string](p, `document.activeElement.outerHTML.slice(0, 120)`))
		return
	}
	p.press(tabKey)
	if where := eval[string](p, `(e => e.closest('main') || e.closest('footer') || !document.querySelector('main').querySelector('a,button,input,select,textarea,summary') ? '' : e.outerHTML.slice(0, 120))(document.activeElement)`); where != "" {
		p.Errorf("after the skip link the next is outside the page's own part: %s", where)
	}
	if seen := eval[string](p, focusSeen); seen != "" {
		p.Errorf("the focus is not to be seen: %s", seen)
	}
}

// focusSeen is the element that has the focus, when nothing on the screen says so.
const focusSeen = `(e => { const s = getComputedStyle(e); return e === document.body || e === document.querySelector('main') || s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none' ? '' : e.outerHTML.slice(0, 120) })(document.activeElement)`
