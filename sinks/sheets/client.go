package sheets

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"
	"google.golang.org/api/sheets/v4"
	transport "google.golang.org/api/transport/http"

	"github.com/ppmrelay/ppmrelay/sinks"
)

// ClientConfig says how to reach Google.
type ClientConfig struct {
	Credentials []byte // the file of a service account
	Endpoint    string // empty = https://sheets.googleapis.com/
	PerMinute   int    // reads, and writes, that are sent in a minute; 0 = 50, as Google allows 60
}

// Client is a service account that all sinks share, with its pace. It never sends anything twice by itself, except after
// a 401: that says that nothing happened, and a fresh token may help.
type Client struct {
	config        ClientConfig
	account       account
	reads, writes *rate.Limiter

	mu      sync.Mutex
	service *sheets.Service
}

// Deadlines of one call. Google works on a request for at most 180 s.
const (
	quickly = 60 * time.Second
	slowly  = 200 * time.Second
	manyOf  = 100 // requests or rows: what is more may take slowly
)

// NewClient checks the credentials and sends nothing.
func NewClient(ctx context.Context, config ClientConfig) (*Client, error) {
	account, err := readAccount(config.Credentials)
	if err != nil {
		return nil, fmt.Errorf("google credentials: %w", err)
	}
	perMinute := orElse(config.PerMinute, 50)
	c := &Client{config: config, account: account, reads: newLimiter(perMinute), writes: newLimiter(perMinute)}
	if err := c.renew(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Email returns the service account's address, which a spreadsheet must be shared with.
func (c *Client) Email() string { return c.account.Email }

// renew forgets the token and the connections.
func (c *Client) renew(ctx context.Context) error {
	options := []option.ClientOption{
		option.WithAuthCredentialsJSON(option.ServiceAccount, c.config.Credentials),
		option.WithScopes(sheets.SpreadsheetsScope),
		option.WithTelemetryDisabled(),
	}
	client, _, err := transport.NewClient(ctx, options...)
	if err != nil {
		return errors.New("google credentials: the client library refuses them") // its words may hold what is secret
	}
	// Nobody redirects the API; following would send rows elsewhere.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	reach := []option.ClientOption{option.WithHTTPClient(client)}
	if c.config.Endpoint != "" {
		// A path without a slash at its end would be dropped.
		reach = append(reach, option.WithEndpoint(strings.TrimSuffix(c.config.Endpoint, "/")+"/"))
	}
	service, err := sheets.NewService(ctx, reach...)
	if err != nil {
		return fmt.Errorf("reaching Google Sheets: %w", err)
	}
	c.mu.Lock()
	c.service = service
	c.mu.Unlock()
	return nil
}

// send waits for its turn, then calls. What it returns is classified as if the call were the write of an effect.
func send[T any](
	ctx context.Context, c *Client, turn *rate.Limiter, within time.Duration,
	call func(context.Context, *sheets.Service) (T, error),
) (T, error) {
	var none T
	if err := turn.Wait(ctx); err != nil {
		return none, sinks.Fail(sinks.Retry, sinks.ReasonInterrupted, "stopped before it was sent")
	}
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("no answer within %v", within))
	defer cancel()
	answer, err := call(ctx, c.now())
	if code(err) == http.StatusUnauthorized {
		if err := c.renew(ctx); err != nil {
			return none, sinks.Fail(sinks.Stop, sinks.ReasonCredentials, "%w", err)
		}
		answer, err = call(ctx, c.now())
	}
	if err != nil {
		return none, c.classify(ctx, err)
	}
	return answer, nil
}

func (c *Client) now() *sheets.Service {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.service
}

// code returns the HTTP status of an answer that is an error, 0 when there is none.
func code(err error) int {
	if answer, ok := errors.AsType[*googleapi.Error](err); ok {
		return answer.Code
	}
	return 0
}

// update sends one batchUpdate: all requests are applied, or none.
func (c *Client) update(ctx context.Context, spreadsheet string, requests []*sheets.Request) error {
	within := quickly
	for _, r := range requests {
		if len(requests) > manyOf || (r.AppendCells != nil && len(r.AppendCells.Rows) > manyOf) {
			within = slowly
		}
	}
	body := &sheets.BatchUpdateSpreadsheetRequest{Requests: requests}
	answer, err := send(ctx, c, c.writes, within,
		func(ctx context.Context, s *sheets.Service) (*sheets.BatchUpdateSpreadsheetResponse, error) {
			return s.Spreadsheets.BatchUpdate(spreadsheet, body).Context(ctx).Do()
		})
	if err != nil {
		return err
	}
	if len(answer.Replies) != len(requests) {
		return sinks.Fail(sinks.Unsure, sinks.ReasonBadAnswer, "the answer has %d replies to %d requests",
			len(answer.Replies), len(requests))
	}
	return nil
}

// spreadsheet reads the named fields.
func (c *Client) spreadsheet(ctx context.Context, id, fields string, ranges ...string) (*sheets.Spreadsheet, error) {
	return send(ctx, c, c.reads, quickly, func(ctx context.Context, s *sheets.Service) (*sheets.Spreadsheet, error) {
		return s.Spreadsheets.Get(id).Ranges(ranges...).Fields(googleapi.Field(fields)).Context(ctx).Do()
	})
}

// values reads the values of a range as they are stored, by rows or by columns.
func (c *Client) values(ctx context.Context, spreadsheet, a1, by string) ([][]any, error) {
	answer, err := send(ctx, c, c.reads, slowly, func(ctx context.Context, s *sheets.Service) (*sheets.ValueRange, error) {
		return s.Spreadsheets.Values.Get(spreadsheet, a1).MajorDimension(by).
			ValueRenderOption("UNFORMATTED_VALUE").Context(ctx).Do()
	})
	if err != nil {
		return nil, err
	}
	return answer.Values, nil
}

// search finds developer metadata. (developerMetadata.get would tell a missing entry from a missing spreadsheet only by
// its text.)
func (c *Client) search(
	ctx context.Context, spreadsheet string, lookup *sheets.DeveloperMetadataLookup,
) ([]*sheets.DeveloperMetadata, error) {
	filter := &sheets.SearchDeveloperMetadataRequest{DataFilters: []*sheets.DataFilter{{DeveloperMetadataLookup: lookup}}}
	answer, err := send(ctx, c, c.reads, quickly,
		func(ctx context.Context, s *sheets.Service) (*sheets.SearchDeveloperMetadataResponse, error) {
			return s.Spreadsheets.DeveloperMetadata.Search(spreadsheet, filter).Context(ctx).Do()
		})
	if err != nil {
		return nil, err
	}
	var found []*sheets.DeveloperMetadata
	for _, m := range answer.MatchedDeveloperMetadata {
		if m.DeveloperMetadata != nil {
			found = append(found, m.DeveloperMetadata)
		}
	}
	return found, nil
}
