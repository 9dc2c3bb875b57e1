// Package ledger is the rules: may this be recorded, what does it clash with,
// and what does the partner get back?
//
// A [Ledger] owns the tip of one region's book. [Ledger.Record] checks a
// submission against everything recorded before it, decides the verdict, seals
// what is personal, appends one record and answers with a [Receipt];
// [Ledger.Advise] answers "whom do I call first?" before an approach. What both
// decide on is the [Book]: a fold of the stream, kept in a file of its own.
//
// Promises (docs/design.md): nothing acknowledged is lost, nothing counts
// twice, exactly one wins, no silent gap, a person can be erased. The ledger
// reads no clock but Config.Now, and knows NATS and bbolt only through the
// interfaces in ports.go.
package ledger
