package control

import "context"

// Webhooks asks to make a pass over the registered webhooks now, as a person's: for some types, or for all.
type Webhooks struct {
	Types []string `json:"types,omitempty"` // Project:Updated
}

// WebhooksDone is what a pass found and did.
type WebhooksDone struct {
	Used   int           `json:"used"`             // webhooks of the tenant, before the pass
	Steps  []WebhookStep `json:"steps"`            // the plan
	Failed string        `json:"failed,omitempty"` // why not all of it was done
}

// WebhookStep is one line of a plan.
type WebhookStep struct {
	Action string `json:"action"` // keep, create, replace, remove, report, no room, foreign
	Type   string `json:"type,omitempty"`
	ID     string `json:"webhook_id,omitempty"`
	URL    string `json:"url"` // of a foreign one, scheme and host alone
	Why    string `json:"why,omitempty"`
	Swap   bool   `json:"delete_first,omitempty"` // of replace: there is no place for both
	Done   bool   `json:"done,omitempty"`
	New    string `json:"new_id,omitempty"` // of create and replace, once done and where PPM Express told it
}

// Webhooks asks for a pass over the registered webhooks.
func (c *Client) Webhooks(ctx context.Context, ask Webhooks) (done WebhooksDone, err error) {
	err = c.ask(ctx, "/webhooks", ask, &done)
	return done, err
}
