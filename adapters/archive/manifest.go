package archive

import (
	"fmt"
	"strings"
	"time"

	"huisboek/events"
)

// Format is the version of the two files that this program writes.
const Format = 1

// The parts of a records file. Each has all of them, but for PartReadLog: a backup by
// an older version has none.
const (
	PartBook    = "book.json"
	PartAccess  = "access.db"
	PartIntake  = "intake.db"
	PartReadLog = "readlog.db"

	partReadme   = "LEESMIJ.txt"
	partManifest = "manifest.json"
	partSums     = "SHA256SUMS"
	recordsLead  = "records/"
)

// Manifest says what a backup is of.
type Manifest struct {
	Format      int             `json:"formaat"`
	Book        string          `json:"boek"`
	Region      string          `json:"arbeidsmarktregio"`
	Incarnation string          `json:"uitvoering"`
	Position    events.Position `json:"positie"` // everything up to here, and nothing after it
	Hash        events.Hash     `json:"hash"`    // of the record there
	Key         events.KeyID    `json:"sleutel"` // the highest key id that was given out
	At          time.Time       `json:"op"`
	Program     string          `json:"programma"` // version
	Parts       []Part          `json:"delen"`     // in their order in the file
}

// Part is one file in the tar.
type Part struct {
	Name string `json:"naam"`
	Size int64  `json:"bytes"`
	Sum  string `json:"sha256"` // hexadecimal, as sha256sum prints it
	// Of records: the first and the last position in it.
	From events.Position `json:"van,omitzero"`
	To   events.Position `json:"tot,omitzero"`
}

// sums is the file that sha256sum -c reads.
func sums(parts []Part) []byte {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintf(&b, "%s  %s\n", p.Sum, p.Name)
	}
	return []byte(b.String())
}

// readme is in Dutch: who opens it in ten years works here.
const readme = `Dit is een backup van een huisboek: alles tot en met één positie, zonder de sleutels.
De sleutels staan in een bestand ernaast (.sleutels), dat na dertig dagen vernietigd wordt.

Nakijken en lezen zonder huisboek:

  tar xf BESTAND && sha256sum -c SHA256SUMS
  cat records/*.jsonl.gz | gunzip

Elke regel is {"hash":"...","record":...}. De hash is de SHA-256 van precies de bytes van
record, in base64url zonder =. Elk record heeft in "vorige" de hash van het record ervoor
(van positie 1: 43 keer A), dus wie de laatste hash in manifest.json vertrouwt, kan alles nakijken:

python3 -c '
import base64, gzip, glob, hashlib, json
before = "A" * 43
for name in sorted(glob.glob("records/*.jsonl.gz")):
    for line in gzip.open(name):
        stored = line.rstrip(b"\n")[63:-1]
        assert json.loads(stored)["vorige"] == before, stored
        before = base64.urlsafe_b64encode(hashlib.sha256(stored).digest()).rstrip(b"=").decode()
print(before)'

Terugzetten: huisboek restore BESTAND --erasures LIJST --data MAP. Zonder de lijst van wat
gewist is, komen mensen terug die vergeten moesten worden.
`
