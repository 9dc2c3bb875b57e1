package natsstream_test

import (
	"testing"

	"go.uber.org/goleak"

	"huisboek/adapters/natsstream/natstest"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestStream(t *testing.T) {
	ledgertest.TestStream(t, func(t *testing.T) ledger.Stream { return natstest.Start(t).Stream })
}

func TestKeys(t *testing.T) {
	ledgertest.TestKeys(t, func(t *testing.T) ledger.Keys { return natstest.Start(t).Keys })
}
