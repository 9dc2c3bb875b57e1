package web

import (
	"bytes"
	"context"
	"net/http"

	"huisboek/adapters/intake"
	"huisboek/events"
)

// Report tells one event, as the bytes of a CloudEvent in structured form, and gives its
// receipt; of a trial nothing is recorded and the receipt has no position. A plan that
// the region's agreement refuses is a ledger.Problem with its receipt in it; of a trial
// it is a receipt that says so. The same event again is safe: Receipt.Again.
func (c *Client) Report(ctx context.Context, event []byte, trial bool) (*Receipt, error) {
	target := c.base + reportPath
	if trial {
		target += "?" + trialParameter + "=true"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(event))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", intake.Structured)
	answer, said, err := c.answered(r)
	if err != nil {
		return nil, err
	}
	recorded := answer.StatusCode == http.StatusCreated
	if recorded {
		answer.StatusCode = http.StatusOK // for understood: a receipt like any other
	}
	receipt, err := understood[Receipt](answer, said)
	if err != nil {
		return nil, err
	}
	receipt.Again = !trial && !recorded && receipt.Outcome != events.Refused
	if receipt.Position != nil {
		receipt.Receipt.Position = *receipt.Position
	}
	return receipt, nil
}
