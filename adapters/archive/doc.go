// Package archive keeps a book outside its folder: a backup in two files, one with
// what was recorded and one with the keys, because keys may be kept for thirty days
// only; and the lines of the list that says what must be erased again, in which
// incarnation of the book.
//
// The records file is a tar of parts that gzip and sha256sum can read:
//
//	LEESMIJ.txt                 how to read and check it without this program
//	book.json                   whose book it is, as in the data folder
//	access.db, intake.db        who may speak; what came in
//	records/000000000001.jsonl.gz …  {"hash":"…","record":<the stored bytes>} per line
//	manifest.json               what it is of, and each part with its size and SHA-256
//	SHA256SUMS                  the sums of all of these, manifest included
//
// The keys file is JSON lines: a head with the book's secret, one line for each key
// that was ever given out, with its value or the position that erased it, and an end
// with the SHA-256 of all before it.
//
// Reading checks everything: sums, positions, the chain from the genesis on, and the
// tip. What it gives out before it returns nil is not yet known to be whole.
package archive
