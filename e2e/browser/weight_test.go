package browser_test

import (
	"testing"

	"context"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// first is what the first page after signing in may weigh, with everything that belongs to it.
const first = 100_000

// TestWeight: what comes over the wire for a page that a browser never saw.
func TestWeight(t *testing.T) {
	need(t)
	for _, who := range append([]person{nobody}, everybody...) {
		p := enter(t, who, desktop)
		for _, s := range sheets() {
			if s.by != who || s.status != 0 {
				continue
			}
			p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
				_, err := chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
				return err
			}))
			p.mu.Lock()
			clear(p.weight)
			p.mu.Unlock()
			p.visit(s.path)
			if eval[bool](p, `!!document.querySelector('main[data-live]')`) {
				p.wait("being live", `document.querySelector('#live.ok')`)
			}
			p.mu.Lock()
			sum := 0.0
			for _, w := range p.weight {
				sum += w
			}
			parts := len(p.weight)
			p.mu.Unlock()
			t.Logf("%-24s %6.1f kB in %d parts", s.name, sum/1000, parts)
			if sum > first {
				t.Errorf("%s weighs %.0f bytes, want at most %d", s.path, sum, first)
			}
			if parts < 3 {
				t.Errorf("%s came in %d parts: something was not counted", s.path, parts)
			}
		}
	}
}
