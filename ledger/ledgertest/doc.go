// Package ledgertest holds what the ledger's neighbours are tested with: suites
// that every ledger.Stream and ledger.Keys must pass, and ones in memory that
// pass them and can be made to fail.
package ledgertest
