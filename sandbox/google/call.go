package google

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is more than any client should send: Google recommends at most 2 MB and promises no limit.
const maxBody = 16 << 20

// call is one request to the API, as its handler sees it.
type call struct {
	options Options
	id      string // of the spreadsheet
	name    string // range or metadata id in the path
	query   url.Values
	body    []byte
	book    *book // the one to look at or to change
}

// handler serves a call. What a writing handler did to the book counts only if it returns no error.
type handler func(call) (any, error)

func (s *Server) reading(c call, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, c, func(c call) (any, error) {
			if err := s.quota.read(s.options); err != nil {
				return nil, err
			}
			return h(c)
		})
	}
}

// writing lets the handler change a copy, which takes the book's place only if all went well.
func (s *Server) writing(c call, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.serve(w, r, c, func(c call) (any, error) {
			if err := s.quota.write(s.options); err != nil {
				return nil, err
			}
			s.largest = max(s.largest, len(c.body))
			c.book = c.book.clone()
			answer, err := h(c)
			if err == nil {
				s.put(c.book)
			}
			return answer, err
		})
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, c call, h handler) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		answerError(w, invalid("Request payload size exceeds the limit: %d bytes.", maxBody))
		return
	}
	c.options, c.query, c.body = s.options, r.URL.Query(), body
	answer, err := s.locked(r.Header.Get("Authorization"), c, h)
	if err != nil {
		answerError(w, s.localise(err))
		return
	}
	masked, err := mask(answer, c.query.Get("fields"))
	if err != nil {
		answerError(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_ = json.NewEncoder(w).Encode(masked) // a client that is gone needs no answer
}

func (s *Server) locked(authorization string, c call, h handler) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, _ := strings.CutPrefix(authorization, "Bearer ")
	if expires, ok := s.tokens[token]; !ok || s.now().After(expires) {
		return nil, &apiError{
			code: http.StatusUnauthorized, status: "UNAUTHENTICATED",
			message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other " +
				"valid authentication credential.",
		}
	}
	c.book = s.books[c.id]
	switch {
	case c.book == nil:
		return nil, notFound("Requested entity was not found.")
	case !c.book.shared:
		return nil, forbidden("The caller does not have permission")
	}
	return h(c)
}

// decode reads a body strictly: a field that the API does not have is refused as Google does.
func decode(body []byte, into any) error {
	var raw any
	if err := json.Unmarshal(body, &raw); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	if err := known(raw, into); err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return invalid("Invalid JSON payload received. %v", err)
	}
	return nil
}
