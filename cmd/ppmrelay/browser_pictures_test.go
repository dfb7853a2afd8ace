package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ppmrelay/ppmrelay/event"
	"github.com/ppmrelay/ppmrelay/sandbox/ppm"
)

// maxPicture is what a picture of the manual may weigh.
const maxPicture = 250_000

// TestPictures makes the pictures of the manual, of a little story that is the same each time. Times differ.
func TestPictures(t *testing.T) {
	if os.Getenv("PPMRELAY_PICTURES") == "" {
		t.Skip("make pictures writes docs/pictures")
	}
	v := startBrowser(t)
	v.picturesOfDemo(t)
	v.picturesOfSandbox(t)
}

func (v visits) picturesOfDemo(t *testing.T) {
	t.Helper()
	s := serveDemo(t)
	b := openTab(t, v, s, "/")
	b.editElsewhere(s, "إطلاق بوابة العملاء 2026", "FinishDate", "2026-06-03")
	b.until("its message", "told('') === 1 && calm()")
	elsewhere(t, s, "/edit", url.Values{"kind": {event.KeyDate}, "id": {b.idOf("Go-live of Mobile App")}, "IsComplete": {"yes"}})
	b.until("its message", "told('') === 2 && calm()")
	b.editPortal()
	b.until("its message", "told('') === 3 && calm()")
	b.picture("demo-wide-light", "light", 1360)
	b.picture("demo-wide-dark", "dark", 1360)
	b.picture("demo-narrow-light", "light", 390)
	b.picture("demo-narrow-dark", "dark", 390)

	b.do("on a wide screen again", size(1360, 900))
	b.click("form[action='/trouble/slack'] [role=switch]")
	b.editElsewhere(s, "Data Centre Exit", "OverallStatus", "1")
	b.editElsewhere(s, "Payment Gateway", "Budget", "150000")
	b.editElsewhere(s, "Payment Gateway", "FinishDate", "2026-08-14")
	b.until("the strip says it", `$(".way > li:nth-child(3) .st")?.textContent === "Slack down" && rows().some((r) => r.After === "2026-08-14")`)
	b.picture("demo-trouble-wide-dark", "dark", 1360)
}

// editPortal edits the first project as a person does, and leaves its form open.
func (b *tab) editPortal() {
	b.t.Helper()
	id := b.open("Customer Portal")
	b.enter("#"+id+"-OverallStatus", "1")
	b.enter("#"+id+"-FinishDate", "2026-07-10")
	b.enter("#"+id+"-Budget", "55000")
	b.enter("#"+id+"-Description", "Finish moved: the test environment is late.")
	b.do("choosing a manager", evaluated(`[...document.querySelectorAll("#`+id+` .people label")].find((l) => l.textContent.includes("Brian Adams")).querySelector("input").click()`))
	b.save(id)
	b.do("from the top", evaluated(`document.querySelector(".ppm-list").scrollTop = 0; document.activeElement.blur()`))
}

func (v visits) picturesOfSandbox(t *testing.T) {
	t.Helper()
	s := serveSandbox(t)
	b := openTab(t, v, s, "/")
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
	defer receiver.Close()
	register(t, addressIn(t, s, "PPM Express"), receiver.URL+"/events")
	b.until("it is registered", "$('#part-hooks details')")
	b.editElsewhere(s, "Customer Portal", "OverallStatus", "1")
	b.until("it is delivered", "$('#part-hooks .tries li')")
	b.press("#part-hooks details > summary")
	postAs(t, addressIn(t, s, "Slack"), ":large_orange_diamond: *Customer Portal* is at risk. <!here> please look at `budget`, due <!date^1794000000^{date_short}|soon>")
	b.until("the message", "$$('.sl-msg').length === 1")
	b.do("from the top", evaluated(`document.activeElement.blur()`))
	b.picture("sandbox-wide-light", "light", 1360)
}

// register registers a webhook as a program of somebody does.
func register(t *testing.T, api, receiver string) {
	t.Helper()
	body := fmt.Sprintf(`{"eventTypes": ["Project:Updated"], "headers": [{"name": "Authorization", "value": "Bearer mine"}], "httpVerb": "POST", "url": %q}`, receiver)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, api+"/@"+ppm.DefaultTenant+"/v1.0/Webhooks", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+ppm.DefaultToken)
	request.Header.Set("Content-Type", "application/json")
	answer, err := client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		t.Fatalf("registering: got %d", answer.StatusCode)
	}
}

// picture keeps how the page looks: what fits the window where it is wide, all of it where it is narrow. What came last
// is marked, as it is for a moment after it came.
func (b *tab) picture(name, scheme string, width int64) {
	b.t.Helper()
	shot := chromedp.CaptureScreenshot()
	if width < 1000 {
		shot = chromedp.FullScreenshot(100)
	}
	b.until("nothing is marked any more", "!$('[data-fresh]')")
	b.do("preparing the picture", size(width, 900), media(scheme, "reduce"), evaluated(markNewest))
	b.until("it is painted", "document.getAnimations().length === 0")
	ctx, cancel := context.WithTimeout(b.ctx, atMost)
	defer cancel()
	picture, err := chromedp.Run(ctx, shot)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do("taking the marks away", evaluated(`document.querySelectorAll("[data-fresh]").forEach((node) => { delete node.dataset.fresh; })`))
	if len(picture) > maxPicture {
		b.t.Errorf("%s has %d bytes, more than %d", name, len(picture), maxPicture)
	}
	file := filepath.Join(repository, "docs", "pictures", name+".png")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("%s: %d bytes", strings.TrimPrefix(file, repository+"/"), len(picture))
}

// markNewest marks the newest message, and the rows of the newest event.
const markNewest = `(() => {
	const rows = [...document.querySelectorAll("#part-sheet tbody tr")];
	const event = (row) => row?.lastElementChild.textContent.split("/")[0];
	for (const node of [document.querySelector(".sl-msg:last-child"), ...rows.filter((row) => event(row) === event(rows.at(-1)))]) {
		if (node) node.dataset.fresh = "";
	}
	scrollTo(0, 0);
})()`

// TestPicturesAreShown: each picture is there, light enough, and shown on some page of the manual.
func TestPicturesAreShown(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(repository, "docs", "pictures", "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, file := range files {
		there[filepath.Base(file)] = false
		if picture := mustRead(t, file); len(picture) > maxPicture {
			t.Errorf("%s has %d bytes, more than %d", file, len(picture), maxPicture)
		}
	}
	for page, text := range pages(t) {
		for _, found := range regexp.MustCompile(`pictures/([a-z-]+\.png)`).FindAllStringSubmatch(text, -1) {
			if _, known := there[found[1]]; !known {
				t.Errorf("%s shows %s, which is not there", page, found[1])
			}
			there[found[1]] = true
		}
	}
	for name, shown := range there {
		if !shown {
			t.Errorf("no page shows %s", name)
		}
	}
}
