package pages

import (
	"cmp"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
)

// leftOut is what does not count, by reason.
type leftOut struct {
	Rows []leftOutRow
	Own  bool // some of it is the reader's own
	// Hidden: of others there may be more than is said.
	Hidden bool
}

// leftOutRow is a reason.
type leftOutRow struct {
	Title, Sentence string
	Count           string
	Own             []ownItem
	OwnCount        string // empty: none
	More            string // how many of one's own are not listed
}

// ownItem is something of one's own.
type ownItem struct {
	Name, Path string
	Day        string
	Date       events.Date
}

// itemsShown is how many of one's own are listed below a reason.
const itemsShown = 25

// ownMost is how many of one's own the API lists of a reason.
const ownMost = 200

// leftOut is what stays out. Of what is hidden only how many there are at most.
func (v *visit) leftOut(all []web.TargetLeftOut, names map[string]string) *leftOut {
	out := &leftOut{}
	for i := range all {
		l := &all[i]
		row := leftOutRow{Title: v.lang.word("reden", l.Reason), Sentence: v.lang.of(l.Sentence), Count: v.lang.num(l.Count)}
		out.Hidden = out.Hidden || !l.Complete
		switch {
		case l.Reason == partHidden:
			row.Count = v.t("niet-geteld.hooguit", l.Count)
		case !l.Complete && l.Count == 0:
			row.Count = v.t("niet-geteld.misschien")
		case !l.Complete:
			row.Count = v.t("niet-geteld.of-meer", l.Count)
		}
		if n := len(l.Own); n > 0 && v.is(signin.AccountManager, signin.PartnerManager) {
			out.Own = true
			row.OwnCount = v.t("niet-geteld.van-u", n)
			if n >= ownMost {
				row.OwnCount = v.t("niet-geteld.van-u-meer", n)
			}
			for _, it := range l.Own[:min(n, itemsShown)] {
				row.Own = append(row.Own, ownItem{
					Name: cmp.Or(names[it.Employer], v.t("algemeen.zonder-naam")), Path: "/werkgevers/" + it.Employer, Day: v.lang.date(it.Date), Date: it.Date,
				})
			}
			if n > itemsShown {
				row.More = v.t("niet-geteld.en-nog", n-itemsShown)
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// ownEmployers are the employers of what is listed.
func ownEmployers(all []web.TargetLeftOut) []string {
	var keys []string
	for i := range all {
		for _, it := range all[i].Own[:min(len(all[i].Own), itemsShown)] {
			keys = append(keys, it.Employer)
		}
	}
	return keys
}
