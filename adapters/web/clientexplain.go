package web

import (
	"context"
	"fmt"

	"huisboek/events"
)

// Explain is why the verdict at a position fell as it did.
func (c *Client) Explain(ctx context.Context, at, since events.Position) (*ExplainAnswer, error) {
	return ask[ExplainAnswer](ctx, c, fmt.Sprintf("/v1/oordelen/%d", at), sinceQuery(since))
}
