package sqlite

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

func newTestBodies(t *testing.T) *bodies {
	t.Helper()
	b, err := newBodies()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What is stored stays readable only as long as the dictionary stays as it is: a new one gets a new number.
func TestDictionariesNeverChange(t *testing.T) {
	if got, want := hex.EncodeToString(fingerprint(dictionary1)), "01a62da7c95fedb7b9b722be084c9bdd58d29058ebab2c206ba89cf3edb4f835"; got != want {
		t.Errorf("got dictionary 1 with the hash %s, want %s", got, want)
	}
	if bytes.Contains(dictionary1, []byte("\r")) {
		t.Error("got line ends of Windows, want the file as it was")
	}
	stored := []byte("v\x15\x00\x06ʠ\tF}\tBZ\tDName\":\"Größe\"}}}")
	if body, err := newTestBodies(t).unpack(dict1, stored); err != nil || string(body) != storedBody() {
		t.Errorf("got %q (%v) from a row of the first version, want %q", body, err, storedBody())
	}
}

func storedBody() string {
	return `{"WebhookId":"7d0f2c8e-3b7a-4f6e-9b51-0c5d2e8f4a13","MessageId":"1","Data":{"Id":"2","Attributes":{"Name":"Größe"}}}`
}

func TestBodiesComeBackFromWhatIsStored(t *testing.T) {
	b := newTestBodies(t)
	random := rand.New(rand.NewPCG(3, 4))
	for length := range 300 {
		noise := make([]byte, length)
		for i := range noise {
			noise[i] = byte(random.IntN(256))
		}
		for _, body := range [][]byte{noise, []byte(strings.Repeat("x", length)), dictionary1[:length*20], dictionary1[length:]} {
			dict, stored, err := b.pack(body)
			if err != nil {
				t.Fatal(err)
			}
			if stored == nil || len(stored) > len(body) {
				t.Fatalf("got %d bytes stored for %d, want no more", len(stored), len(body))
			}
			got, err := b.unpack(dict, stored)
			if err != nil || !bytes.Equal(got, body) {
				t.Fatalf("got %q (%v), want %q", got, err, body)
			}
		}
	}
}

func TestBodiesAreSmallerThanTheyCame(t *testing.T) {
	b := newTestBodies(t)
	var came, stored int
	for i, sample := range benchBodies(200) {
		body := sample.incoming(i).Body
		_, packed, err := b.pack(body)
		if err != nil {
			t.Fatal(err)
		}
		came += len(body)
		stored += len(packed)
	}
	if stored*10 > came*4 {
		t.Errorf("got %d bytes stored of %d, want at most 0.4 of them", stored, came)
	}
}

func TestDamagedBodiesAreErrors(t *testing.T) {
	b := newTestBodies(t)
	_, stored, err := b.pack([]byte(storedBody()))
	if err != nil {
		t.Fatal(err)
	}
	huge := []byte{0xff, 0xff, 0xff, 0xff, 0x0f} // says that it is 4 GB long
	for name, c := range map[string]struct {
		dict   int64
		stored []byte
	}{
		"cut off":               {dict1, stored[:len(stored)/2]},
		"empty":                 {dict1, nil},
		"much too long":         {dict1, huge},
		"an unknown dictionary": {99, stored},
	} {
		if body, err := b.unpack(c.dict, c.stored); err == nil {
			t.Errorf("%s: got %d bytes, want an error", name, len(body))
		}
	}
	if _, _, err := b.pack(make([]byte, maxBody+1)); err == nil || !strings.Contains(err.Error(), "over the limit") {
		t.Errorf("got error %v, want one about the limit", err)
	}
}
