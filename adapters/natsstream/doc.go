// Package natsstream keeps one region's book in JetStream: the stream of
// records, which only grows, and the stream of seal keys, which can be destroyed
// one by one.
//
//	HUISBOEK_AM36            huisboek.AM36.<type name>   records; position = sequence
//	HUISBOEK_AM36_SLEUTELS   sleutels.AM36               keys; id = sequence
//
// JetStream alone promises less than the book needs (docs/design.md, promises 3
// and 4). A damaged block is dropped without a word, sequences are used again,
// and an append is accepted behind a hole. So whoever reads here checks that
// there are no gaps, that each record carries the hash of the one before it, and
// that the stream has not become shorter than a checkpoint kept elsewhere;
// anything else is ledger.ErrDamaged, with the stream, the position and what is
// wrong.
package natsstream
