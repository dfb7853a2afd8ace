package ppm

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestNoAnswerSaysWhatToDo: also where the words of the connection say nothing to whoever reads them.
func TestNoAnswerSaysWhatToDo(t *testing.T) {
	const do = "; look at ppm_express.url, and at proxies between here and there"
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string
		cause  error
	}{
		"nothing":    {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, "the connection was closed without an answer" + do, io.EOF},
		"a part":     {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "100") }, "the answer ends early" + do, io.ErrUnexpectedEOF},
		"no body":    {func(http.ResponseWriter) {}, "the answer is empty" + do, nil},
		"no data":    {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"value":[]}`) }, "the answer has no data" + do, nil},
		"other data": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"data":7}`) }, "not of the form that was expected" + do, nil},
	} {
		t.Run(name, func(t *testing.T) {
			client := answering(t, func(w http.ResponseWriter, _ *http.Request) { test.answer(w) })
			_, err := client.Webhooks(t.Context())
			failed, ok := errors.AsType[*CallError](err)
			if !ok || !strings.HasSuffix(err.Error(), test.want) || !failed.Temporary() || test.cause != nil && !errors.Is(err, test.cause) {
				t.Errorf("got %v, want %q because of %v", err, test.want, test.cause)
			}
		})
	}
}
