package browser_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// axePinned is axe-core as package-lock.json pins it; make deps installs it.
const axePinned = "node_modules/axe-core/axe.min.js"

// axeSource is the script of axe-core: the pinned one, or the one that Chromium carries
// for its own reports, so that a machine without npm looks too.
var axeSource = sync.OnceValues(func() (string, error) {
	if b, err := os.ReadFile(axePinned); err == nil {
		return string(b), nil
	}
	return bundledAxe()
})

// bundledAxe takes axe-core out of the browser's DevTools, where it is a template
// literal in the bundle of Lighthouse. That may move in another Chromium, and then
// this says so.
func bundledAxe() (string, error) {
	ctx, cancel := chromedp.NewContext(root, chromedp.WithNewBrowserContext())
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate("devtools://devtools/bundled/third_party/lighthouse/lighthouse-dt-bundle.js")); err != nil {
		return "", err
	}
	bundle, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.textContent"))
	if err != nil {
		return "", err
	}
	from := strings.Index(bundle, "`/*! axe v")
	if from < 0 {
		return "", errors.New("no axe-core in " + axePinned + " (make deps), and none in the browser")
	}
	for i := from + 1; i < len(bundle); i++ {
		switch bundle[i] {
		case '\\':
			i++
		case '`':
			return "(0, eval)(" + bundle[from:i+1] + ")", nil
		}
	}
	return "", errors.New("the browser's axe-core has no end")
}

// axeNode is one element that axe-core has something against.
type axeNode struct {
	HTML    string   `json:"html"`
	Target  []string `json:"target"`
	Summary string   `json:"failureSummary"`
}

type axeRule struct {
	ID     string    `json:"id"`
	Impact string    `json:"impact"`
	Help   string    `json:"help"`
	Nodes  []axeNode `json:"nodes"`
}

type axeResult struct {
	Version    string    `json:"version"`
	Passes     int       `json:"passes"`
	Violations []axeRule `json:"violations"`
	Incomplete []axeRule `json:"incomplete"`
}

// axe fails the test for everything that axe-core finds on the page as it is now.
func (p *tab) axe(how string) {
	p.Helper()
	source, err := axeSource()
	if err != nil {
		p.Fatal(err)
	}
	if !eval[bool](p, `!!window.axe`) {
		eval[chromedp.Void](p, source+";void 0")
	}
	raw := eval[string](p, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], resultTypes: ['violations']})
		.then(r => JSON.stringify({version: axe.version, passes: r.passes.length, violations: r.violations}))`)
	var result axeResult
	if err := json.Unmarshal([]byte(raw), &result); err != nil {
		p.Fatal(err)
	}
	if result.Passes == 0 {
		p.Errorf("%s: axe-core looked at nothing", how)
	}
	for _, rule := range result.Violations {
		for _, node := range rule.Nodes {
			p.Errorf("%s: %s (%s): %s\n\t%s\n\t%.200s\n\t%s", how, rule.ID, rule.Impact, rule.Help, strings.Join(node.Target, " "), node.HTML, strings.ReplaceAll(node.Summary, "\n", " "))
		}
	}
}

// axeUnless is axe, but for a page without script: axe-core is one.
func (p *tab) axeUnless(plain bool, how string) {
	p.Helper()
	if !plain {
		p.axe(how)
	}
}

// TestAxe: both ways to axe-core give one, and either finds what is wrong.
func TestAxe(t *testing.T) {
	need(t)
	bundled, err := bundledAxe()
	if err != nil {
		t.Fatal(err)
	}
	used, err := axeSource()
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string]string{"used": used, "the browser's own": bundled} {
		p := open(t, desktop)
		p.visit("/inloggen")
		eval[chromedp.Void](p, `document.querySelector('h1').insertAdjacentHTML('afterend', '<button></button>');void 0`)
		eval[chromedp.Void](p, source+";void 0")
		t.Logf("%s: axe-core %s", name, eval[string](p, `axe.version`))
		if found := eval[[]string](p, `axe.run().then(r => r.violations.map(v => v.id))`); !slices.Contains(found, "button-name") {
			t.Errorf("%s finds %v", name, found)
		}
	}
}
