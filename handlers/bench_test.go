package handlers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// BenchmarkReceive is the whole way of an event: a connection that is kept, authentication, decoding, commit with
// fsync, answer.
func BenchmarkReceive(b *testing.B) {
	for _, clients := range []int{1, 16, 128} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			s := newSetup(b, openJournal(b))
			server := httptest.NewUnstartedServer(nil)
			server.Config = Server(s.Public(), s.Receiver.log)
			server.Start()
			b.Cleanup(server.Close)
			transport := &http.Transport{MaxIdleConnsPerHost: clients}
			b.Cleanup(transport.CloseIdleConnections)
			client := &http.Client{Transport: transport}
			body := sample(b, "Project-Updated.json")
			b.SetBytes(int64(len(body)))
			b.ResetTimer()
			post(b, client, server.URL+"/events/Project/Updated", body, clients)
		})
	}
}

// post sends b.N different events, so many at a time.
func post(b *testing.B, client *http.Client, url, body string, clients int) {
	b.Helper()
	numbers := make(chan int)
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for n := range numbers {
				unique := strings.Replace(body, `"Data": {`, fmt.Sprintf(`"Data": {"n": %d,`, n), 1)
				r := request(b, url, unique)
				r.RequestURI = ""
				response, err := client.Do(r)
				if err != nil {
					b.Error(err)
					continue
				}
				_ = response.Body.Close()
				if response.StatusCode != http.StatusAccepted {
					b.Errorf("got %d, want 202", response.StatusCode)
				}
			}
		})
	}
	for n := range b.N {
		numbers <- n
	}
	close(numbers)
	wait.Wait()
}
