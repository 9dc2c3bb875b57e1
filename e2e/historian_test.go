package e2e_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// history is a file of old history, and what is to become of it.
type history struct {
	path    string
	size    int64
	good    int            // lines that are news
	again   int            // lines that stand there twice
	refused map[int]string // by line
	codes   map[string]int
}

// writeHistory makes the file: five years of one partner, oldest first, at one
// employer for every fifty lines, with now and then a line that is refused.
func writeHistory(t *testing.T, path string, lines int, newTypes bool) *history {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	h := &history{path: path, refused: map[int]string{}, codes: map[string]int{}}
	w := &historian{out: bufio.NewWriter(f), rng: rand.New(rand.NewPCG(uint64(lines), 5)), lines: lines, newTypes: newTypes}
	for n := 1; n <= lines; n++ {
		if n%250 != 0 {
			h.good++
			w.write(marshal(w.event(n)))
			continue
		}
		code := w.bad(n)
		if code == "" {
			h.again++
			continue
		}
		h.refused[n] = code
		h.codes[code]++
	}
	if err := w.out.Flush(); err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	h.size = info.Size()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return h
}

type historian struct {
	out      *bufio.Writer
	rng      *rand.Rand
	lines    int
	newTypes bool
	last     []byte
	open     [3][]string // approaches, placements and vacancies that have not ended
	made     int
}

func (w *historian) write(line []byte) {
	w.last = line
	w.out.Write(append(line, '\n')) // an error stays until Flush
}

// bad writes a line that is refused, and says why; "" is one that was there before.
func (w *historian) bad(n int) string {
	e := w.named(n, "dienst-geleverd", object{"kvkNummer": w.employer(), "dienst": "jobcoach", "datum": w.day(n)})
	data := e["data"].(object)
	switch n / 250 % 6 {
	case 0:
		w.write(bytes.Clone(w.last))
		return ""
	case 1:
		w.write([]byte(`{"specversion":"1.0","id":"kapot","type":`))
		return "ongeldige-json"
	case 2:
		data["kvkNummer"] = "1"
		w.write(marshal(e))
		return "geen-kvk-nummer"
	case 3: // two megabytes now and then, more than is kept of a line
		size := 70 << 10
		if n%7_500 == 750 {
			size = 2 << 20
		}
		data["onbekend"] = strings.Repeat("x", size)
		w.write(marshal(e))
		return "te-groot"
	case 4:
		e["id"] = "h-1"
		w.write(marshal(e))
		return "andere-inhoud"
	}
	w.write(marshal(w.named(n, "bezoek-verzet", object{"benadering": w.uuid(9), "datum": w.day(n)})))
	return "onbekende-benadering"
}

func (w *historian) named(n int, name string, data object) object {
	return object{
		"specversion": "1.0", "type": "nl.werkgeversdiensten." + name + ".v1", "source": "urn:nld:oin:" + oinZwolle + ":systeem:oud",
		"id": "h-" + strconv.Itoa(n), "time": w.day(n) + "T09:30:00Z", "achteraf": true, "data": data,
	}
}

// event is one of what old systems have, in about the shares that they have it.
func (w *historian) event(n int) object {
	e := w.employer()
	am := manager("am-"+strconv.Itoa(w.rng.IntN(60)), "Accountmanager", "038-1000100")
	choice := w.rng.IntN(100)
	switch {
	case choice < 5:
		return w.named(n, "werkgever-beschreven", object{"kvkNummer": e, "naam": "Proefbedrijf " + e + " B.V.", "plaats": "Zwolle", "postcode": "8011AA", "gemeentecode": "GM0193",
			"contactpersonen": []any{object{"naam": "Contact van " + e, "telefoon": "038-1000200"}}})
	case choice < 17:
		return w.named(n, "bezoek-gepland", object{"kvkNummer": e, "benadering": w.begin(0), "datum": w.day(n), "doel": "acquisitie", "accountmanager": am})
	case choice < 27:
		visit := object{"kvkNummer": e, "datum": w.day(n), "doel": "acquisitie", "vorm": "op-locatie", "accountmanager": am}
		return w.named(n, "bezoek-afgelegd", visit)
	case choice < 36:
		if id := w.end(0); id != "" {
			return w.named(n, "bezoek-afgezegd", object{"benadering": id, "reden": "De werkgever wilde liever later."})
		}
	case choice < 62:
		return w.named(n, "bezoek-afgelegd", object{"kvkNummer": e, "datum": w.day(n), "doel": "nazorg", "vorm": "telefoon", "accountmanager": am,
			"uitkomst": []string{"vervolgafspraak"}, "doelgroepen": []string{"DD02"}, "toelichting": "Belt terug na het weekend over plek " + strconv.Itoa(n) + "."})
	case choice < 72:
		return w.named(n, "plaatsing-gerealiseerd", object{"kvkNummer": e, "plaatsing": w.begin(1), "ingangsdatum": w.day(n), "soort": "dienstverband",
			"arbeidsmarktregio": "AM36", "urenPerWeek": 24, "doelgroep": "DD01"})
	case choice < 78:
		if id := w.end(1); id != "" {
			return w.named(n, "plaatsing-beeindigd", object{"plaatsing": id, "einddatum": w.day(n)})
		}
	case choice < 79:
		return w.named(n, "contactpersoon-aangewezen", object{"kvkNummer": e, "accountmanager": am})
	case w.newTypes && choice < 84:
		return w.named(n, "vacature-gemeld", object{"kvkNummer": e, "vacature": w.begin(2), "beroep": "Magazijnmedewerker", "aantal": 1 + w.rng.IntN(4), "datum": w.day(n)})
	case w.newTypes && choice < 87:
		if id := w.end(2); id != "" {
			return w.named(n, "vacature-vervuld", object{"vacature": id, "datum": w.day(n)})
		}
	case w.newTypes && choice < 90:
		return w.named(n, "signaal-opgevangen", object{"kvkNummer": e, "thema": "personeelstekort", "datum": w.day(n), "tekst": "Vindt geen mensen."})
	}
	return w.named(n, "dienst-geleverd", object{"kvkNummer": e, "dienst": "jobcoach", "datum": w.day(n), "doelgroep": "DD01"})
}

// employer has a number that is not 9 digits, and so none of a person.
func (w *historian) employer() string {
	return strconv.Itoa(90_000_000 + w.rng.IntN(w.lines/50+1))
}

// day goes from five years ago to a week ago.
func (w *historian) day(n int) string { return day(-7 - 5*365*(w.lines-n)/w.lines) }

func (w *historian) uuid(kind int) string {
	w.made++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, w.made)
}

func (w *historian) begin(kind int) string {
	id := w.uuid(kind)
	w.open[kind] = append(w.open[kind], id)
	return id
}

func (w *historian) end(kind int) string {
	if len(w.open[kind]) == 0 {
		return ""
	}
	id := w.open[kind][0]
	w.open[kind] = w.open[kind][1:]
	return id
}
