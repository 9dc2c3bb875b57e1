package signin

import (
	"errors"

	"huisboek/events"
)

// Why somebody is not let in, or something about a session cannot be done.
var (
	// ErrNoSuchWay: nobody signs in here like that, or as that.
	ErrNoSuchWay = errors.New("no such way to sign in")
	// ErrNext: where to go afterwards is no address of ours.
	ErrNext = errors.New("not an address of ours")
	// ErrCancelled: the person broke it off at the provider, or the provider did not let it go on.
	ErrCancelled = errors.New("broken off at the provider")
	// ErrState: this sign-in is not known in this browser: it was used, took too long, or
	// was begun elsewhere. To begin again helps.
	ErrState = errors.New("not a sign-in that was begun in this browser, or used or expired")
	// ErrProvider: the provider cannot be reached or does not work. Later may help.
	ErrProvider = errors.New("the provider cannot be reached or does not work")
	// ErrRefused: the provider refuses us. Whoever runs this must look at the settings.
	ErrRefused = errors.New("the provider refuses this site")
	// ErrToken: what the provider said of the person cannot be trusted.
	ErrToken = errors.New("what the provider says does not hold")
	// ErrEmail: nobody is known by anything else, and the provider did not verify the mail address.
	ErrEmail = errors.New("the provider did not verify the mail address")
	// ErrNoDuty: known to the provider, and nobody here.
	ErrNoDuty = errors.New("no duty here")
	// ErrDuties: more duties than one person has here.
	ErrDuties = errors.New("more than one duty")
	// ErrIncomplete: a duty for a partner, and the provider does not say which, or not by what id.
	ErrIncomplete = errors.New("partner or employee is missing in what the provider says")
	// ErrPartnerGone: the partner takes no part (any more).
	ErrPartnerGone = errors.New("the partner takes no part")
	// ErrNoSession: nobody is signed in.
	ErrNoSession = errors.New("nobody is signed in")
	// ErrNoSuchSession: it ended, or is somebody else's.
	ErrNoSuchSession = errors.New("no such session")
	// ErrPhone: no telephone number of 6 to 20 characters.
	ErrPhone = errors.New("no telephone number of 6 to 20 characters")
)

// Reason is an error for people.
type Reason struct {
	Code     string // for programs; never changes
	Sentence events.Sentence
	err      error
}

// reasons are in the order in which they are looked for.
var reasons = []Reason{
	{"inloggen-onbekende-manier", events.Sentence{NL: "Zo kunt u hier niet inloggen.", EN: "You cannot sign in here like that."}, ErrNoSuchWay},
	{"inloggen-vreemd-adres", events.Sentence{NL: "Het adres waar u heen wilde, is niet van Huisboek. Ga naar de startpagina.", EN: "The address you wanted to go to is not one of Huisboek. Go to the home page."}, ErrNext},
	{"inloggen-afgebroken", events.Sentence{NL: "Het inloggen is afgebroken. U kunt het opnieuw proberen.", EN: "Signing in was cancelled. You can try again."}, ErrCancelled},
	{"inloggen-verlopen", events.Sentence{NL: "Dit inloggen is verlopen, al gebruikt of in een andere browser begonnen. Begin opnieuw.", EN: "This sign-in has expired, was used already, or was begun in another browser. Begin again."}, ErrState},
	{"inloggen-geen-verbinding", events.Sentence{NL: "De inlogdienst is nu niet bereikbaar. Probeer het over een paar minuten opnieuw.", EN: "The sign-in service cannot be reached now. Try again in a few minutes."}, ErrProvider},
	{"inloggen-geweigerd", events.Sentence{NL: "De inlogdienst weigert Huisboek. Vraag de beheerder van Huisboek om de instellingen na te kijken.", EN: "The sign-in service refuses Huisboek. Ask who runs Huisboek to check the settings."}, ErrRefused},
	{"inloggen-onbetrouwbaar", events.Sentence{NL: "Het antwoord van de inlogdienst klopt niet. Probeer het opnieuw. Gebeurt het weer? Meld het dan bij de beheerder van Huisboek.", EN: "The answer of the sign-in service is not right. Try again. Does it happen again? Then tell who runs Huisboek."}, ErrToken},
	{"inloggen-email-niet-bevestigd", events.Sentence{NL: "Uw e-mailadres is bij de inlogdienst nog niet bevestigd. Bevestig het daar, en log dan opnieuw in.", EN: "Your mail address is not confirmed at the sign-in service yet. Confirm it there, and sign in again."}, ErrEmail},
	{"inloggen-geen-taak", events.Sentence{NL: "U bent ingelogd bij de inlogdienst, maar u hebt geen toegang tot dit Huisboek. Vraag de beheerder van uw organisatie om toegang.", EN: "You signed in at the sign-in service, but you have no access to this Huisboek. Ask the manager of your organisation for access."}, ErrNoDuty},
	{"inloggen-meer-taken", events.Sentence{NL: "U hebt bij de inlogdienst meer dan één taak voor Huisboek. Vraag de beheerder van uw organisatie om er één over te laten.", EN: "At the sign-in service you have more than one duty for Huisboek. Ask the manager of your organisation to leave one."}, ErrDuties},
	{"inloggen-onvolledig", events.Sentence{NL: "De inlogdienst zegt niet voor welke organisatie u werkt, of wat uw medewerkernummer daar is. Vraag de beheerder van uw organisatie om dat aan te vullen.", EN: "The sign-in service does not say for which organisation you work, or what your employee id is there. Ask the manager of your organisation to add it."}, ErrIncomplete},
	{"inloggen-partner-weg", events.Sentence{NL: "Uw organisatie doet niet (meer) mee aan dit Huisboek.", EN: "Your organisation takes no part in this Huisboek (any more)."}, ErrPartnerGone},
	{"sessie-geen", events.Sentence{NL: "U bent niet ingelogd. Log eerst in.", EN: "You are not signed in. Sign in first."}, ErrNoSession},
	{"sessie-onbekend", events.Sentence{NL: "Deze sessie is er niet meer.", EN: "This session is not there any more."}, ErrNoSuchSession},
	{"sessie-telefoon", events.Sentence{NL: "Vul een telefoonnummer in van 6 tot 20 tekens, bijvoorbeeld 038-0000000 of +31 6 00000000.", EN: "Fill in a telephone number of 6 to 20 characters, for example 038-0000000 or +31 6 00000000."}, ErrPhone},
}

// unexpected is for what has no reason of its own: a fault of ours.
var unexpected = Reason{"inloggen-mislukt", events.Sentence{NL: "Er ging iets mis bij ons. Probeer het opnieuw.", EN: "Something went wrong on our side. Try again."}, nil}

// Reasons is every reason there is, the last for what has none of its own.
func Reasons() []Reason { return append(append([]Reason(nil), reasons...), unexpected) }

// ReasonOf is what people are told of an error of this package.
func ReasonOf(err error) Reason {
	for _, r := range reasons {
		if errors.Is(err, r.err) {
			return r
		}
	}
	return unexpected
}
