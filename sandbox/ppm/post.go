package ppm

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// post makes one request. It returns the status of the answer, or why there is none.
func (s *Server) post(ctx context.Context, webhook Webhook, message map[string]any) (status int, reason string) {
	body := []byte{}
	if message != nil {
		var err error
		if body, err = json.Marshal(message); err != nil {
			panic(err) // unreachable: messages are made of JSON
		}
	}
	if reserved(webhook.URL) {
		return 0, "nobody is called at an address that is reserved for examples"
	}
	timeout := s.options.Switches.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	if s.options.Switches.Compressed {
		body = zipped(body)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, webhook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	s.dress(request.Header, webhook)
	response, err := s.options.Client.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxBody))
	return response.StatusCode, ""
}

// dress sets the headers of a delivery: ours, then those that were registered.
func (s *Server) dress(header http.Header, webhook Webhook) {
	header.Set("User-Agent", "")
	if s.options.Switches.Compressed {
		header.Set("Content-Encoding", "gzip")
	}
	switch kind := s.options.Switches.ContentType; kind {
	case "":
		header.Set("Content-Type", defaultContentType)
	case noContentType:
	default:
		header.Set("Content-Type", kind)
	}
	for _, h := range webhook.Headers {
		header.Set(h.Name, h.Value)
	}
}

func zipped(body []byte) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	_, _ = zip.Write(body) // memory takes everything
	_ = zip.Close()
	return out.Bytes()
}

// ping calls the address of a webhook that is about to be registered, and returns why it must not be.
func (s *Server) ping(c call, webhook Webhook) (refusal string) {
	var message map[string]any
	switch s.options.Switches.Ping {
	case PingNone:
		return ""
	case PingJSON:
		message = map[string]any{"challenge": webhook.URL}
	case PingEmpty:
	}
	status, _ := s.post(c.ctx, webhook, message)
	if status < 200 || status > 299 {
		return "The url does not answer"
	}
	return ""
}

// wait reports whether the time has passed; not when ctx ended before.
func wait(ctx context.Context, pause time.Duration) bool {
	if pause <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// reserved reports whether an address is under a name of RFC 2606, which belongs to nobody.
func reserved(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || net.ParseIP(parsed.Hostname()) != nil {
		return false
	}
	host := "." + strings.ToLower(strings.TrimSuffix(parsed.Hostname(), "."))
	names := []string{".test", ".example", ".invalid", ".example.com", ".example.net", ".example.org"}
	return slices.ContainsFunc(names, func(name string) bool { return strings.HasSuffix(host, name) })
}
