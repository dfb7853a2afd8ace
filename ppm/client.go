package ppm

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/ppmrelay/ppmrelay/event"
)

// Client asks the Public API of one tenant. It makes each call once: whoever calls decides about trying again.
//
// Every error is a *CallError, and none shows the token or the value of a header.
type Client struct {
	http    *http.Client
	timeout time.Duration // from the first byte sent to the last byte read
	base    string        // ends before the resource: https://api-eu.ppm.express/@contoso/v1.0
	token   string
}

// WebhookLimit is how many webhooks a tenant may have, whoever made them.
const WebhookLimit = 50

// Webhook is a registration: PPM Express sends events of these types to this address.
type Webhook struct {
	ID         string // empty until it is created
	EventTypes []event.Type
	Headers    []Header // sent with every event
	Verb       string   // "POST" is the only one that the vendor shows
	URL        string   // of a stranger, it may carry a secret: print Site, of one's own Address
	Odd        bool     // an answer showed it in a form that is not understood; what could be read is here
}

// Header is a header that PPM Express sends. Its value is a secret; the type prints without it.
type Header struct {
	Name  string
	Value string
}

// Identity is the owner of the token, and the token.
type Identity struct {
	ID      string
	Account string
	Email   string
	Token   Token
}

// Token is what is known about the token in use.
type Token struct {
	ID      string
	Name    string
	Expires time.Time // zero when not told
	Scopes  []string  // labels; their meaning is not published
}

// NewClient returns a client for the tenant at a host such as https://api-eu.ppm.express. Its requests go through a
// copy of the given client that follows no redirect: the token must not travel elsewhere. A call may take as long as
// the given client allows, or 30 s.
func NewClient(client *http.Client, url, tenant, apiVersion, token string) *Client {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	own.Timeout = 0 // the context has it
	return &Client{
		http: &own, timeout: cmp.Or(client.Timeout, 30*time.Second), token: token,
		base: strings.TrimRight(url, "/") + "/@" + tenant + "/" + apiVersion,
	}
}

// Me asks who the token belongs to. It needs no permission, so that it tells a wrong token from a missing right.
func (c *Client) Me(ctx context.Context) (Identity, error) {
	call := request{what: "asking whose token it is", method: http.MethodGet, path: "Me"}
	var me identityJSON
	if _, err := c.do(ctx, call, &me); err != nil {
		return Identity{}, err
	}
	return me.identity(), nil
}

// Webhooks lists the webhooks of the tenant, also those of others. One that is not understood does not hide the others: it
// is Odd.
func (c *Client) Webhooks(ctx context.Context) ([]Webhook, error) {
	call := request{what: "listing webhooks", method: http.MethodGet, path: webhooksPath, manages: true}
	var list []entryJSON
	if _, err := c.do(ctx, call, &list); err != nil {
		return nil, err
	}
	all := make([]Webhook, len(list))
	for i, listed := range list {
		all[i] = Webhook(listed)
	}
	return all, nil
}

// Webhook asks for one webhook.
func (c *Client) Webhook(ctx context.Context, id string) (Webhook, error) {
	call := request{what: "asking for webhook " + id, method: http.MethodGet, path: webhookPath(id), manages: true}
	if !isID(id) {
		return Webhook{}, notAnID(call)
	}
	var one entryJSON
	if _, err := c.do(ctx, call, &one); err != nil {
		return Webhook{}, err
	}
	return Webhook(one), nil
}

// CreateWebhook registers a webhook and returns it with its id, which is empty where the answer does not tell it. There
// is no key that makes the call safe to repeat: when the error is Unsure, list before creating again.
func (c *Client) CreateWebhook(ctx context.Context, w Webhook) (Webhook, error) {
	call := request{
		what: "creating a webhook for " + joinTypes(w.EventTypes), method: http.MethodPost, path: webhooksPath, manages: true,
		body: webhookToJSON(w), secrets: w.secrets(), bodyOptional: true,
	}
	var made webhookJSON
	location, err := c.do(ctx, call, &made)
	if err != nil {
		return Webhook{}, err
	}
	w.ID = made.ID
	if w.ID == "" {
		w.ID = lastSegment(location)
	}
	return w, nil
}

// DeleteWebhook deletes a webhook. One that is already gone is no error.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	call := request{what: "deleting webhook " + id, method: http.MethodDelete, path: webhookPath(id), manages: true, bodyOptional: true}
	if !isID(id) {
		return notAnID(call)
	}
	_, err := c.do(ctx, call, nil)
	if failed, ok := errors.AsType[*CallError](err); ok && failed.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// DeleteAllWebhooks deletes every webhook of the tenant, also those of Power Automate and of other teams. Only a person
// may decide that.
func (c *Client) DeleteAllWebhooks(ctx context.Context) error {
	call := request{what: "deleting all webhooks", method: http.MethodDelete, path: webhooksPath, manages: true, bodyOptional: true}
	_, err := c.do(ctx, call, nil)
	return err
}
