package web

import (
	"cmp"
	"slices"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// The fault codes of this door itself.
const (
	codeInvalid    = "ongeldig"
	codeTwice      = "dubbel"
	codeUnknown    = "onbekend"
	codeUnreadable = "onleesbaar"
	codeNoLine     = "geen-regel"
	codeNoMail     = "geen-mailadres"
)

// sentences are theirs, but for the last two, which stand with the questions that they
// are about; where a fault says more precisely what is the matter, this
// is what they have in common.
var sentences = map[string]events.Sentence{
	codeInvalid: {
		NL: "Deze parameter klopt niet; de zin zegt wat hij moet zijn.",
		EN: "This parameter is not right; the sentence says what it must be.",
	},
	codeTwice: {
		NL: "Deze parameter staat er meer dan eens.",
		EN: "This parameter is given more than once.",
	},
	codeUnknown: {
		NL: "Deze parameter bestaat hier niet.",
		EN: "There is no such parameter here.",
	},
	codeUnreadable: {
		NL: "De zoekvraag of de inhoud kan niet gelezen worden; de zin zegt welke.",
		EN: "The query or the body cannot be read; the sentence says which.",
	},
}

// faultCodes are all codes that may stand in fouten, in order, with what they say.
func faultCodes() []pageCode {
	list := []pageCode{{intake.FaultNoBatch.Code, intake.FaultNoBatch.Sentence.NL}}
	for code, s := range intake.QuestionCodes() {
		list = append(list, pageCode{code, s.NL})
	}
	for code, s := range sentences {
		list = append(list, pageCode{code, s.NL})
	}
	add := func(codes []string, sentenceOf func(string) (events.Sentence, bool)) {
		for _, code := range codes {
			s, _ := sentenceOf(code)
			list = append(list, pageCode{code, s.NL})
		}
	}
	add(events.Codes(), events.SentenceOf)
	add(ledger.Codes(), ledger.SentenceOf)
	for _, code := range []string{codeNoLine, codeNoMail} {
		s := cmp.Or(feedSentences[code], digestSentences[code])
		list = append(list, pageCode{code, s.NL})
	}
	slices.SortFunc(list, func(a, b pageCode) int { return cmp.Compare(a.Code, b.Code) })
	return list
}
