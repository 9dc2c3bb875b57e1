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
// The package decides nothing that depends on what happened before; that is
// the room next door, ledger. It imports nothing of ours.
package events
