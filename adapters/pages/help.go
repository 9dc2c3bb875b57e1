package pages

// helpRoutes are the pages of words, for everybody, signed in or not.
var helpRoutes = []route{
	{"GET /hulp", nil, (*visit).help},
	{"GET /toegankelijkheid", nil, (*visit).accessibility},
	{"GET /privacy", nil, (*visit).privacy},
}

// helpPage is what the page of help shows: questions with their answers, and words
// with what they mean, each by the key of its text.
type helpPage struct {
	Questions []string
	Words     []string
	Keys      []string
}

var (
	helpQuestions = []string{"bellen", "oordeel", "toch", "vasthouden", "samen", "ongedaan", "ontbreekt", "afgewezen", "doel", "namen"}
	helpWords     = []string{"benadering", "plan", "bezoek", "botsing", "vaste-contactpersoon", "niveau", "ontzien", "doelstelling", "plaatsing", "indicatie", "bereik", "signaal", "dekking", "positie"}
	helpKeys      = []string{"schuin", "tab", "pijlen", "escape"}
)

func (v *visit) help() (*page, error) {
	return &page{template: "hulp", title: v.t("hulp.titel"), data: &helpPage{helpQuestions, helpWords, helpKeys}}, nil
}

// textPage is a page of headings and paragraphs, by the keys of their texts.
type textPage struct {
	Lead     string
	Sections []string
}

func (v *visit) accessibility() (*page, error) {
	return &page{template: "tekst", title: v.t("toegankelijk.titel"), data: &textPage{"toegankelijk.kort", []string{
		"toegankelijk.status", "toegankelijk.getest", "toegankelijk.bekend", "toegankelijk.melden",
	}}}, nil
}

func (v *visit) privacy() (*page, error) {
	return &page{template: "tekst", title: v.t("privacy.titel"), data: &textPage{"privacy.kort", []string{
		"privacy.wat", "privacy.wie", "privacy.inzage", "privacy.wissen", "privacy.cookies",
	}}}, nil
}
