// Package client is what a partner's Go program emits with.
//
// A [Sender] offers one event, a structured CloudEvent as bytes, and waits for
// the answer: [HTTP] with a bearer token, [DialNATS] or [NATS] with a .creds file.
// Either gives a receipt, or an error: a ledger.Problem (errors.As) when the book
// refused the event, anything else when there was no answer. [Retry] says which
// errors are worth the same offer again. That is always safe: a book records an
// event once, and answers the same event with the position it got first.
//
// An [Outbox] does all of that. [Outbox.Put] keeps an event in a file, on disk
// when it returns; [Outbox.Run] offers what is kept in that order, one at a time,
// for as long as the line is down. Nothing in it is lost or doubled when the
// process is killed, whatever it was doing.
//
//	book, err := client.HTTP("https://boek.example.nl", token, client.HTTPOptions{})
//	if err != nil {
//		return err
//	}
//	defer book.Close()
//	box, err := client.Open("outbox.db", client.Options{Check: true})
//	if err != nil {
//		return err
//	}
//	defer box.Close()
//	go box.Run(ctx, book) // until ctx ends; any other end is an error to look at
//
//	if err := box.Put(event); err != nil { // on disk when it returns
//		return err
//	}
package client
