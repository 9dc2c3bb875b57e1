// Package events is the language of Huisboek: everything that can be said, its
// Dutch wire names, its checks and its frozen history.
//
// A partner's bytes become an [Event] through [Decode] (structured CloudEvents)
// or [DecodeBinary]; either gives the event or every fault in it at once. What
// the ledger stores is a [Record]; [DecodeRecord] reads every record that was
// ever written, in every later version. Code is English, the wire is Dutch, and
// the struct tags in data.go are the one table between the two: the checks and
// the JSON Schemas ([Schema]) are read from them.
//
// Three things are frozen from the first record of a type on: its meaning, its
// required members (testdata/frozen) and the fault codes (codes.md). An optional
// member may be added to a type, with a frozen file of its own; anything else is
// a new version of the type. A change of the stored format is a new version of
// the record, which DecodeRecord then reads beside the old one.
//
// To add a member: the struct in data.go, a line in descriptions.go, then
// go test ./events -update -freeze. To add a type: also type.go and a check in
// check.go.
//
// The package decides nothing that depends on what happened before; that is
// the room next door, ledger. It imports nothing of ours.
package events
