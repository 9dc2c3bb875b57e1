package browser_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// pictures is where TestScreens writes; make screens says it.
var pictures = flag.String("screens", "", "write every page as a picture into this folder")

// TestScreens writes every page as a picture: at a desk, on a phone and in the dark.
func TestScreens(t *testing.T) {
	need(t)
	if *pictures == "" {
		t.Skip("make screens says where to")
	}
	if err := os.MkdirAll(*pictures, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, who := range append([]person{nobody}, everybody...) {
		p := enter(t, who, desktop)
		for _, s := range sheets() {
			if s.by != who {
				continue
			}
			p.mayAnswer(s.status)
			for name, l := range map[string]look{"desktop": desktop, "phone": phone, "dark": desktop.inDark()} {
				p.do(p.as(l))
				p.visit(s.path)
				picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
				if err == nil {
					err = os.WriteFile(filepath.Join(*pictures, s.name+"-"+name+".png"), picture, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
