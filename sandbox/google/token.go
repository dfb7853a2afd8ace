package google

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"time"
)

const (
	// Email is the address of the stand-in's service account, which a spreadsheet would be shared with.
	Email = "relay@sandbox.iam.gserviceaccount.com"

	scope    = "https://www.googleapis.com/auth/spreadsheets"
	lifetime = time.Hour // of a token, as Google's
)

// newKey makes a key that is quick to make. It protects nothing but the stand-in.
func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 1024) //nolint:gosec // short on purpose: tests make many
	if err != nil {
		panic("google: making a key: " + err.Error()) // unreachable: the system's random source does not fail
	}
	return key
}

// Credentials returns the service account's file, as the Google Cloud console lets one download it. BaseURL is where the
// stand-in is served: "http://127.0.0.1:9000".
func (s *Server) Credentials(baseURL string) []byte {
	key, err := x509.MarshalPKCS8PrivateKey(s.key)
	if err != nil {
		panic("google: writing a key: " + err.Error()) // unreachable: it is an RSA key
	}
	file, err := json.MarshalIndent(map[string]string{
		"type":           "service_account",
		"project_id":     "sandbox",
		"private_key_id": "sandbox",
		"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
		"client_email":   Email,
		"client_id":      "1",
		"token_uri":      strings.TrimSuffix(baseURL, "/") + "/token",
	}, "", "  ")
	if err != nil {
		panic("google: writing credentials: " + err.Error()) // unreachable: it is a map of strings
	}
	return file
}

// Revoke makes the token endpoint refuse the service account's key, and the API the tokens that it has handed out.
func (s *Server) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = true
	clear(s.tokens)
}

// Restore takes back Revoke: new tokens are handed out again.
func (s *Server) Restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = false
}

// ForgetTokens makes the API refuse every token that was handed out. New ones can be had.
func (s *Server) ForgetTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// token serves the grant of RFC 7523: an assertion that is signed with the service account's key gets a token.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	down := s.down
	s.mu.Unlock()
	if down {
		http.Error(w, "<html><body><h1>Service Unavailable</h1></body></html>", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if err := s.checkGrant(r); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant", "error_description": err.Error()})
		return
	}
	token := "ya29.sandbox-" + rand.Text()
	s.mu.Lock()
	s.tokens[token] = s.now().Add(lifetime)
	s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": token, "token_type": "Bearer", "expires_in": int(lifetime.Seconds()),
	})
}

func (s *Server) checkGrant(r *http.Request) error {
	s.mu.Lock()
	revoked, now := s.revoked, s.now()
	s.mu.Unlock()
	if revoked {
		return errors.New("Invalid JWT Signature.") //nolint:revive,staticcheck // Google's words
	}
	if r.PostFormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
		return errors.New("unsupported grant_type")
	}
	return s.checkAssertion(r.PostFormValue("assertion"), "http://"+r.Host+r.URL.Path, now.Unix())
}

// checkAssertion checks a JWT: signature, issuer, audience, scope and time.
func (s *Server) checkAssertion(assertion, audience string, now int64) error {
	parts := strings.Split(assertion, ".")
	if len(parts) != 3 {
		return errors.New("the assertion is no JWT")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return errors.New("the signature is not base64")
	}
	hash := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&s.key.PublicKey, crypto.SHA256, hash[:], signature); err != nil {
		return errors.New("Invalid JWT Signature.") //nolint:revive,staticcheck // Google's words
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Scope    string `json:"scope"`
		Issued   int64  `json:"iat"`
		Expires  int64  `json:"exp"`
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(payload, &claims)
	}
	switch {
	case err != nil:
		return errors.New("the claims cannot be read")
	case claims.Issuer != Email:
		return errors.New("Invalid grant: account not found") //nolint:staticcheck // Google's words
	case claims.Audience != audience:
		return errors.New("the audience is not " + audience)
	case claims.Scope != scope:
		return errors.New("the scope is not " + scope)
	case claims.Issued > now+60 || claims.Expires < now:
		return errors.New("Invalid JWT: Token must be a short-lived token and in a reasonable timeframe.") //nolint:revive,staticcheck // Google's words
	}
	return nil
}
