package sandbox

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ppmrelay/ppmrelay/sandbox/fault"
	"github.com/ppmrelay/ppmrelay/sandbox/slack"
)

func open(t *testing.T) *Sandbox {
	t.Helper()
	s, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// ask sends a request to an address, and returns status and body.
func ask(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := (&http.Client{}).Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(text)
}

// order sends an order that must be taken. The answer says what is set then, and nothing else; that of one vendor is
// returned.
func (s *Sandbox) order(t *testing.T, method, path, body, vendor string) vendorStanding {
	t.Helper()
	status, text := ask(t, method, s.ControlURL+path, body)
	var got standing
	if err := strict([]byte(text), &got); err != nil || status != http.StatusOK || got.Set == nil {
		t.Fatalf("%s %s %s: got %d %s", method, path, body, status, text)
	}
	if i := slices.IndexFunc(got.Set, func(v vendorStanding) bool { return v.Vendor == vendor }); i >= 0 {
		return got.Set[i]
	}
	return vendorStanding{}
}

// shown is what GET shows of one vendor.
func (s *Sandbox) shown(t *testing.T, vendor string) vendorReport {
	t.Helper()
	status, text := ask(t, http.MethodGet, s.ControlURL+"/faults", "")
	var got report
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK {
		t.Fatalf("got %d %s", status, text)
	}
	return got.Vendors[slices.IndexFunc(got.Vendors, func(v vendorReport) bool { return v.Vendor == vendor })]
}

// test calls Slack's auth.test and returns its status.
func (s *Sandbox) test(t *testing.T) int {
	t.Helper()
	status, _ := ask(t, http.MethodGet, s.SlackURL+"auth.test?token="+slack.DefaultToken, "")
	return status
}

func TestControlSetsFaults(t *testing.T) {
	s := open(t)
	got := s.order(t, http.MethodPut, "/faults", `{"vendor":"slack","endpoint":"auth.test","kind":"before","times":2}`, "slack")
	if len(got.Settings) != 1 || !slices.Equal(got.Settings[0].Next, []fault.Kind{"before", "before"}) {
		t.Errorf("got %+v, want the script", got.Settings)
	}
	s.order(t, http.MethodPost, "/faults", `{"vendor":"slack","endpoint":"*","kind":"429:soon"}`, "slack")
	for i, want := range []int{500, 500, 429, 429} {
		if got := s.test(t); got != want {
			t.Errorf("request %d: got %d, want %d", i+1, got, want)
		}
	}
	if got := s.shown(t, "slack"); got.Met["auth.test"]["before"] != 2 || got.Met["auth.test"]["429:soon"] != 2 {
		t.Errorf("got met %v, want 2 of each", got.Met)
	}
	s.order(t, http.MethodPut, "/faults", `{"vendor":"slack","endpoint":"*","kind":"none"}`, "slack")
	if got := s.test(t); got != http.StatusOK {
		t.Errorf("ended: got %d, want 200", got)
	}
}

// TestControlDraws: chance by the control address is that of the board.
func TestControlDraws(t *testing.T) {
	s := open(t)
	s.order(t, http.MethodPut, "/faults", `{"vendor":"slack","endpoint":"*","kind":"before","share":0.5,"seed":7}`, "slack")
	board := fault.NewBoard()
	board.Draw(fault.Every, 7, fault.Chance{Kind: fault.Before, Share: 0.5})
	same := board.Wrap("auth.test", nil, http.NotFoundHandler())
	for i := range 20 {
		want := &status{}
		same.ServeHTTP(want, &http.Request{Body: http.NoBody})
		if got := s.test(t); (got == 500) != (want.code == 500) {
			t.Errorf("request %d: got %d, want as the board: %d", i+1, got, want.code)
		}
	}
	got := s.order(t, http.MethodPut, "/faults", `{"vendor":"slack","endpoint":"*","kind":"any","share":0.1,"seed":7}`, "slack")
	if n := len(got.Settings[0].Chances); n != len(fault.All()) {
		t.Errorf("any: got %d kinds, want all %d", n, len(fault.All()))
	}
}

// status keeps the status of an answer.
type status struct {
	code   int
	header http.Header
}

func (s *status) Header() http.Header {
	if s.header == nil {
		s.header = http.Header{}
	}
	return s.header
}
func (s *status) Write(text []byte) (int, error) { return len(text), nil }
func (s *status) WriteHeader(code int)           { s.code = code }

func TestControlSetsConditions(t *testing.T) {
	s := open(t)
	got := s.order(t, http.MethodPost, "/conditions", `{"vendor":"slack","name":"channel-archived","on":true,"where":"C0SANDBOX01"}`, "slack")
	if got.Conditions[0].Name != "channel-archived" || !got.Conditions[0].On || !slices.Equal(got.Conditions[0].OnAt, []string{Channel}) {
		t.Errorf("got %+v, want that it is on in the channel", got.Conditions[0])
	}
	s.order(t, http.MethodPost, "/conditions", `{"vendor":"google","name":"tab-renamed","on":true,"where":"Sheet1"}`, "google")
	s.order(t, http.MethodPost, "/conditions", `{"vendor":"ppm","name":"rate-limited","on":true}`, "ppm")
	archived := func() bool {
		_, text := ask(t, http.MethodGet, s.SlackURL+"conversations.info?channel="+Channel+"&token="+slack.DefaultToken, "")
		return strings.Contains(text, `"is_archived":true`)
	}
	if !archived() || s.Google.Tabs(Spreadsheet)[0] != "Sheet1 (renamed)" {
		t.Errorf("got archived %t, tabs %q", archived(), s.Google.Tabs(Spreadsheet))
	}
	got = s.order(t, http.MethodPut, "/conditions", `{"vendor":"slack","name":"channel-archived","on":false,"where":"C0SANDBOX01"}`, "slack")
	if len(got.Conditions) != 0 || archived() {
		t.Errorf("over: got %+v, archived %t", got.Conditions, archived())
	}
}

// TestDeleteRepairs: everything that was set is over, whoever set it.
func TestDeleteRepairs(t *testing.T) {
	s := open(t)
	s.Google.AddTab(Spreadsheet, "Other")
	s.Slack.Board.Always(fault.Every, fault.Before)
	s.Google.Board.Script("batchUpdate", fault.Before)
	for _, set := range []struct{ vendor, name, where string }{
		{"slack", "token-revoked", ""}, {"google", "tab-renamed", "Sheet1"}, {"google", "tab-deleted", "Sheet1 (renamed)"}, {"ppm", "token-expired", ""},
	} {
		if err := s.Set(set.vendor, set.name, true, set.where); err != nil {
			t.Fatal(err)
		}
	}
	for _, vendor := range []string{"slack", "google", "ppm"} {
		if got := s.order(t, http.MethodPut, "/faults", `{"vendor":"ppm","endpoint":"*","kind":"none"}`, vendor); len(got.Settings)+len(got.Conditions) == 0 {
			t.Errorf("%s: got nothing set, want what was set before", vendor)
		}
	}
	if _, text := ask(t, http.MethodDelete, s.ControlURL+"/faults", ""); strings.Join(strings.Fields(text), "") != `{"set":[]}` {
		t.Errorf("got %s, want that nothing is set", text)
	}
	for _, v := range s.report().Vendors {
		if len(v.Settings) != 0 || slices.ContainsFunc(v.Conditions, func(c conditionReport) bool { return c.On }) {
			t.Errorf("got %+v, want nothing set", v)
		}
	}
	if got := s.test(t); got != http.StatusOK || !slices.Contains(s.Google.Tabs(Spreadsheet), "Sheet1") {
		t.Errorf("got %d and tabs %q, want that all works", got, s.Google.Tabs(Spreadsheet))
	}
}

// TestControlShowsWhatThereIs: with words for everything.
func TestControlShowsWhatThereIs(t *testing.T) {
	s := open(t)
	status, text := ask(t, http.MethodGet, s.ControlURL+"/faults", "")
	for _, want := range []string{
		`"kind": "late-hang"`, `"effect": "later"`, `"chat.postMessage"`, `"webhooks.create"`, `"developerMetadata.get"`,
		`"name": "over-plan"`, `"where": "tab"`, `"words": "somebody archived the channel"`, `"sees": "200 with {}"`,
	} {
		if status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("got %d and %s, want %s in it", status, text, want)
		}
	}
}

// TestControlRefuses: an order that is not understood wholly changes nothing, and says what is near.
func TestControlRefuses(t *testing.T) {
	tests := []struct{ path, body, say string }{
		{"/faults", `{"vendor":"slak","endpoint":"auth.test","kind":"before"}`, `no vendor "slak", did you mean "slack"?`},
		{"/faults", `{"endpoint":"auth.test","kind":"before"}`, `no vendor "": it is one of ppm, slack, google`},
		{"/faults", `{"vendor":"slack","endpoint":"postMessage","kind":"before"}`, `did you mean "chat.postMessage"?`},
		{"/faults", `{"vendor":"google","endpoint":"chat.update","kind":"before"}`, `it is one of *, batchUpdate,`},
		{"/faults", `{"vendor":"slack","endpoint":"auth.test","kind":"befor"}`, `no kind "befor", did you mean "before"?`},
		{"/faults", `{"vendor":"slack","endpoint":"auth.test"}`, `no kind "": it is one of none, any, before,`},
		{"/faults", `{"vendor":"slack","endpoint":"auth.test","kind":"late:soon"}`, `as in "late:30s", not "soon"`},
		{"/faults", `{"vendor":"slack","endpoint":"auth.test","kind":"before","time":1}`, `no field "time", did you mean "times"?`},
		{"/faults", `{"vendor":"slack","endpoint":"auth.test","kind":"before","times":"one"}`, `times cannot be a string`},
		{"/faults", `{"vendor":"slack","endpoint":"auth.test","kind":"before","times":-1}`, `at least 1`},
		{"/faults", `{"vendor":"slack","endpoint":"*","kind":"before","times":1}`, `times needs an endpoint`},
		{"/faults", `{"vendor":"slack","endpoint":"*","kind":"before","share":2}`, `share is from 0 to 1`},
		{"/faults", `{"vendor":"slack","endpoint":"auth.test","kind":"before","share":0.5,"times":1}`, `exclude each other`},
		{"/faults", `{"vendor":"slack","endpoint":"*","kind":"any"}`, `needs a share`},
		{"/faults", `{"vendor":"slack","endpoint":"*","kind":"before","seed":7}`, `needs a share`},
		{"/faults", `before`, `no JSON object`},
		{"/faults", strings.Repeat(" ", maxOrder+1), `too large`},
		{"/conditions", `{"vendor":"slack","name":"archived","on":true,"where":"C0SANDBOX01"}`, `did you mean "channel-archived"?`},
		{"/conditions", `{"vendor":"slack","name":"token-revoked"}`, `on is missing`},
		{"/conditions", `{"vendor":"slack","name":"token-revoked","on":true,"where":"C0SANDBOX01"}`, `leave where out`},
		{"/conditions", `{"vendor":"slack","name":"bot-removed","on":true}`, `needs where: the channel`},
		{"/conditions", `{"vendor":"slack","name":"bot-removed","on":true,"where":"C1"}`, `but C0SANDBOX01`},
	}
	s := open(t)
	for _, tt := range tests {
		status, text := ask(t, http.MethodPost, s.ControlURL+tt.path, tt.body)
		var got struct{ Error string }
		if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusBadRequest || !strings.Contains(got.Error, tt.say) {
			t.Errorf("%.100s: got %d %s, want 400 and %s", tt.body, status, text, tt.say)
		}
	}
	if got := s.test(t); got != http.StatusOK || len(s.held) != 0 {
		t.Errorf("got %d and %v, want that nothing has changed", got, s.held)
	}
	if status, text := ask(t, http.MethodGet, s.ControlURL+"/fault", ""); status != http.StatusNotFound || !strings.Contains(text, "/conditions") {
		t.Errorf("elsewhere: got %d %s, want 404 and what there is", status, text)
	}
}

// TestControlIsOfThisMachineAlone: nobody else may make things fail.
func TestControlIsOfThisMachineAlone(t *testing.T) {
	for address, fine := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:0": true, "localhost:0": true, "": true,
		":0": false, "0.0.0.0:0": false, "192.0.2.1:0": false, "relay.example.com:0": false, "9004": false,
	} {
		if err := CheckControl(address); (err == nil) != fine {
			t.Errorf("%q: got %v, want fine %t", address, err, fine)
		}
	}
	if _, err := Start(t.Context(), Options{Control: "0.0.0.0:0"}); err == nil || !strings.Contains(err.Error(), "this machine alone") {
		t.Errorf("got %v, want that it does not start", err)
	}
}

// TestCloseDropsWhatIsLate: nothing lands in a sandbox that has ended.
func TestCloseDropsWhatIsLate(t *testing.T) {
	s := open(t)
	s.Slack.Board.Script("chat.postMessage", fault.LateReset.In(time.Hour))
	ask(t, http.MethodPost, s.SlackURL+"chat.postMessage?channel="+Channel+"&text=a&token="+slack.DefaultToken, "")
	if got := s.Slack.Board.State().Waiting; got != 1 {
		t.Errorf("got %d waiting, want 1", got)
	}
	if err := s.Close(); err != nil || s.Slack.Board.Land() != 0 || len(s.Slack.Messages(Channel)) != 0 {
		t.Errorf("got %v, and that something landed", err)
	}
}

// TestControlTakesNothingFromPages: a page that somebody has open must not make the stand-ins fail, neither by a form of
// its own nor by a name that it lets point here.
func TestControlTakesNothingFromPages(t *testing.T) {
	s := open(t)
	for name, value := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site", "Host": "evil.example"} {
		body := strings.NewReader(`{"vendor": "google", "name": "quota-used-up", "on": true}`)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.ControlURL+"/conditions", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "text/plain")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
		answer, err := (&http.Client{}).Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if set := s.Troubles(); answer.StatusCode < 400 || len(set) > 0 {
			t.Errorf("%s: %s: got %d, and %v is set, want it refused", name, value, answer.StatusCode, set)
		}
	}
}
