// Package natsserver is the embedded NATS server: operator mode, accounts and
// the settings that the promises of docs/design.md rest on.
//
// The ledger has an account of its own, with JetStream; every NATS credential of a
// partner is one without, so that one can end while the partner's others go on. A
// partner's account imports two services of the ledger, under its own public key,
// and the server itself stamps that key into the subject:
//
//	partner says      the ledger hears
//	melden            in.<partner's account>.melden
//	vragen.werkgever  in.<partner's account>.vragen.werkgever
//
// and one stream, by which it is told:
//
//	partner hears     the ledger says
//	berichten.nieuw   out.<partner's account>.berichten.nieuw
//
// So who speaks is never what the speaker says. (Subject permissions within one
// shared account can be got round through the reply subject.) A partner's
// headers do come along, Nats-Msg-Id and Nats-Expected-Last-Sequence included:
// whoever stores what came in builds the stored message from nothing.
//
// The operator's and the system account's keys are drawn anew at every start;
// what has to be kept is the seed of the ledger's account, which the folders of
// its streams are named after, and the accounts of the partners.
package natsserver
