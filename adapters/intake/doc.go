// Package intake is the counter behind both doors: what came in, over HTTP or
// NATS, becomes an event, a receipt or a problem here and nowhere else, so that
// the same bytes get the same answer whichever way they came.
//
// It keeps three things of its own. [Limits] say how much one credential may ask
// of a book. [File] remembers for each partner what came in from it, recorded,
// seen before or refused with which codes (never the body), for 90 days and up
// to a bound; it is a convenience and no truth: what was recorded is in the
// stream, and the file may be thrown away. A [Desk] joins them with the ledger.
package intake
