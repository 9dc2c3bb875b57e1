package browser_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// trees is where TestTrees writes what a screen reader is told of every page, for who
// wants to read it.
var trees = flag.String("trees", "", "a folder to write what a screen reader is told of every page to")

// told is something that a screen reader is told of.
type told struct {
	role, name, description, value, url string
	states                              []string // of a live region, a field with a fault and the like
	children                            []*told
}

// ignoredRoles add nothing to what is in them.
var ignoredRoles = []string{"none", "generic", "InlineTextBox", "LineBreak", "paragraph", "ListMarker"}

// states are properties of which it matters that they are told.
var states = []string{"live", "atomic", "invalid", "required", "expanded", "level", "checked", "disabled", "errormessage"}

// listen is the page as a screen reader gets it.
func (p *tab) listen() *told {
	p.Helper()
	answer, err := chromedp.Call(p.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		p.Fatal(err)
	}
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range answer.Nodes {
		byID[n.NodeID] = n
	}
	var hear func(n *accessibility.Node) []*told
	hear = func(n *accessibility.Node) (all []*told) {
		for _, id := range n.ChildIDs {
			if child := byID[id]; child != nil {
				all = append(all, hear(child)...)
			}
		}
		role := text(n.Role)
		if n.Ignored || slices.Contains(ignoredRoles, role) {
			return all
		}
		one := &told{role: role, name: text(n.Name), description: text(n.Description), value: text(n.Value), children: all}
		for _, property := range n.Properties {
			said := text(property.Value)
			switch name := string(property.Name); {
			case name == "url":
				one.url = said
			case slices.Contains(states, name) && said != "" && said != "false" && said != "off":
				one.states = append(one.states, name+"="+said)
			}
		}
		return []*told{one}
	}
	return &told{role: "page", children: hear(answer.Nodes[0])}
}

// text is a value of the tree, whatever it is.
func text(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var of any
	if json.Unmarshal(v.Value, &of) != nil || of == nil {
		return ""
	}
	return strings.Join(strings.Fields(fmt.Sprint(of)), " ")
}

// each calls fn with everything in the tree.
func (n *told) each(fn func(*told)) {
	fn(n)
	if n.role == "Date" { // what is in it is the browser's
		return
	}
	for _, child := range n.children {
		child.each(fn)
	}
}

func (n *told) write(out *strings.Builder, depth int) {
	if n.role == "StaticText" {
		fmt.Fprintf(out, "%s%s\n", strings.Repeat("  ", depth), n.name)
		return
	}
	fmt.Fprintf(out, "%s[%s] %s", strings.Repeat("  ", depth), n.role, n.name)
	for _, more := range []string{n.value, n.description} {
		if more != "" {
			fmt.Fprintf(out, " | %s", more)
		}
	}
	fmt.Fprintf(out, " %s\n", strings.Join(n.states, " "))
	if (n.role == "link" || n.role == "button" || n.role == "cell" || n.role == "gridcell") && len(n.children) == 1 && n.children[0].role == "StaticText" {
		return // it is the name
	}
	for _, child := range n.children {
		child.write(out, depth+1)
	}
}

var aPlan = regexp.MustCompile(`/plannen/[0-9]+$`)

// unclear is what of a page is not clear to who hears it and does not see it.
func (n *told) unclear() (wrong []string) {
	leads, buttons := map[string]string{}, map[string]int{}
	n.within("main").each(func(one *told) { // signing out stands on top of every page, and among one's own things
		if one.role == "button" || one.role == "DisclosureTriangle" {
			if buttons[one.name]++; buttons[one.name] == 2 {
				wrong = append(wrong, fmt.Sprintf("two buttons are called %q", one.name))
			}
		}
	})
	number := regexp.MustCompile(`^[0-9 +-]+$`)
	n.each(func(one *told) {
		switch one.role {
		case "link":
			// Of two plans of which everything that is said is the same, the links are, too.
			if to, known := leads[one.name]; known && to != one.url && !(aPlan.MatchString(to) && aPlan.MatchString(one.url)) {
				wrong = append(wrong, fmt.Sprintf("two links are called %q: to %s and to %s", one.name, to, one.url))
			}
			leads[one.name] = one.url
			if number.MatchString(one.name) {
				wrong = append(wrong, fmt.Sprintf("a link is nothing but the number %s", one.name))
			}
		case "button", "DisclosureTriangle", "table", "img", "image", "graphics-document", "searchbox", "textbox", "combobox", "checkbox", "radio", "spinbutton", "Date", "region", "navigation", "form", "search", "group", "radiogroup", "dialog":
		default:
			return
		}
		if one.name == "" && !(one.role == "group" || one.role == "form") {
			wrong = append(wrong, fmt.Sprintf("a %s without a name: %.80s", one.role, heard(one)))
		}
		if one.role == "table" && !one.has("columnheader") && !one.has("rowheader") {
			wrong = append(wrong, fmt.Sprintf("the table %q has no headers", one.name))
		}
	})
	return wrong
}

// within is the first part of the tree with a role, nothing when there is none.
func (n *told) within(role string) *told {
	found := &told{}
	n.each(func(one *told) {
		if one.role == role && found.role == "" {
			found = one
		}
	})
	return found
}

func (n *told) has(role string) (yes bool) {
	n.each(func(one *told) { yes = yes || one.role == role })
	return yes
}

func heard(n *told) string {
	var out strings.Builder
	n.write(&out, 0)
	return strings.Join(strings.Fields(out.String()), " ")
}

// TestTrees: who hears a page knows what each link leads to and what each button does
// without what stands around it, and everything that needs a name has one.
func TestTrees(t *testing.T) {
	need(t)
	for _, who := range append([]person{nobody}, everybody...) {
		p := enter(t, who, desktop)
		for _, s := range sheets() {
			if s.by != who {
				continue
			}
			p.mayAnswer(s.status)
			p.visit(s.path)
			page := p.listen()
			for _, wrong := range page.unclear() {
				t.Errorf("%s: %s", s.name, wrong)
			}
			if *trees == "" {
				continue
			}
			var out strings.Builder
			page.write(&out, 0)
			if err := os.WriteFile(filepath.Join(*trees, s.name+".txt"), []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
