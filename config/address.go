package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// Address is where a listener listens: ":8080", "127.0.0.1:8081". Port 0 lets the system choose.
type Address string

func (a Address) expects() string { return "an address such as \":8080\" or \"127.0.0.1:8081\"" }

func (a Address) parse(text string, _ surroundings) (scalar, error) {
	if _, err := strconv.ParseUint(text, 10, 16); err == nil {
		return nil, wrong("write \":"+text+"\"", "%s is not %s", quoted(text), a.expects())
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil || strings.ContainsAny(host, " /@") {
		return nil, wrong("", "%s is not %s", quoted(text), a.expects())
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, wrong("", "the port of %s is not a number from 0 to 65535", quoted(text))
	}
	return Address(text), nil
}

// collides reports whether two listeners cannot both have their addresses.
func (a Address) collides(b Address) bool {
	hostA, portA, errA := net.SplitHostPort(string(a))
	hostB, portB, errB := net.SplitHostPort(string(b))
	if errA != nil || errB != nil || portA != portB || portA == "0" {
		return false
	}
	return hostA == hostB || everywhere(hostA) || everywhere(hostB)
}

// own reports whether only programs on the same machine reach the address. A name is not looked up: it may lead
// elsewhere tomorrow.
func (a Address) own() bool {
	host, _, err := net.SplitHostPort(string(a))
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

func everywhere(host string) bool { return host == "" || host == "0.0.0.0" || host == "::" }

// URL is an http or https address without a query, a fragment or a password.
type URL string

func (u URL) expects() string { return "an address such as https://relay.example.com" }

func (u URL) parse(text string, _ surroundings) (scalar, error) {
	parsed, err := parseWeb(text, u.expects())
	switch {
	case err != nil:
		return nil, err
	case parsed.RawQuery != "" || parsed.ForceQuery || strings.Contains(text, "#"):
		return nil, wrong("write it without what follows ? or #", "the address has a query or a fragment")
	}
	return URL(text), nil
}

// bare is the address without a slash at its end.
func (u URL) bare() URL { return URL(strings.TrimRight(string(u), "/")) }

// slashed is the address with one slash at its end.
func (u URL) slashed() URL { return u.bare() + "/" }

// Link is the address of an entity's page, with {id} where its id goes.
type Link string

func (l Link) expects() string {
	return "an address such as https://app.ppm.express/eu/@contoso/projects/{id}"
}

func (l Link) parse(text string, _ surroundings) (scalar, error) {
	if _, err := parseWeb(strings.ReplaceAll(text, "{id}", "id"), l.expects()); err != nil {
		return nil, err
	}
	if !strings.Contains(text, "{id}") {
		return nil, wrong("write {id} where the entity's id stands in the address", "the address has no {id}")
	}
	if strings.ContainsAny(strings.ReplaceAll(text, "{id}", ""), "{}") {
		return nil, wrong("", "{id} is the only placeholder of an address")
	}
	return Link(text), nil
}

// For returns the address of the page of the entity with that id; empty when there is no link.
func (l Link) For(id string) string { return strings.ReplaceAll(string(l), "{id}", url.PathEscape(id)) }

// parseWeb checks what all web addresses have in common. Its errors do not repeat the address: it may hold a password.
func parseWeb(text, expects string) (*url.URL, error) {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsAny(text, " \t\n"):
		return nil, wrong("", "this is not %s", expects)
	case parsed.User != nil:
		return nil, wrong("remove it", "the address has a user name or a password in it")
	case parsed.Scheme == "" && parsed.Host == "" && strings.Contains(text, "."):
		return nil, wrong("begin with https://", "this is not %s", expects)
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return nil, wrong("", "an address begins with https:// or http://")
	case parsed.Hostname() == "":
		return nil, wrong("", "the address names no host")
	}
	return parsed, nil
}

// JournalURL names the journal: "file:PATH".
type JournalURL string

func (j JournalURL) expects() string { return "the name of a file such as file:ppmrelay.db" }

func (j JournalURL) parse(text string, _ surroundings) (scalar, error) {
	path, found := strings.CutPrefix(text, "file:")
	switch {
	case !found && !strings.Contains(text, ":"):
		return nil, wrong("write file:"+text, "%s is not %s", quoted(text), j.expects())
	case !found:
		return nil, wrong("", "this is not %s", j.expects())
	case path == "" || strings.HasPrefix(path, "//"):
		return nil, wrong("write file: and the path, with no // between them", "%s is not %s", quoted(text), j.expects())
	case strings.ContainsAny(path, "?#%"):
		return nil, wrong("", "the path of the journal's file must not have ?, # or %% in it")
	}
	return JournalURL(text), nil
}

// Path is the file's path as written; Config.Resolve says where it leads.
func (j JournalURL) Path() string { return strings.TrimPrefix(string(j), "file:") }
