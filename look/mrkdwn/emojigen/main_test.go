package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
)

// wave is an entry as emoji.json has it, shortened.
const (
	wave = `{"unified":"270C-FE0F","short_names":["v","victory"],"skin_variations":{"1F3FB":{"unified":"270C-1F3FB"},"1F3FF":{"unified":"270C-1F3FF"}}}`
	both = `{"unified":"1F91D","short_names":["handshake"],"skin_variations":{
		"1F3FB":{"unified":"1F91D-1F3FB"},"1F3FB-1F3FC":{"unified":"1FAF1-1F3FB-200D-1FAF2-1F3FC"}}}`
	party = `{"unified":"1F389","short_names":["tada"]}`
)

func TestList(t *testing.T) {
	t.Parallel()
	got, err := list([]byte("["+wave+","+both+","+party+"]"), []byte("Free\n\nfor all\n"), "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	want := "# Names of emoji, from the npm package emoji-datasource 1.2.3 (github.com/iamcal/emoji-data) by emojigen.\n#\n# Free\n#\n# for all\n" +
		"handshake\t🤝 +\nhandshake::skin-tone-2-3\t🫱🏻\u200d🫲🏼\ntada\t🎉\nv\t✌️ +\nvictory\t✌️ +\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestListRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ data, licence, want string }{
		{"[]", "", "there is no licence in it"},
		{"", "MIT", "emoji.json: unexpected end of JSON input"},
		{"[" + party + "," + party + "]", "MIT", "the name tada stands there twice"},
		{`[{"unified":"nothing","short_names":["a"]}]`, "MIT", `nothing: strconv.ParseInt: parsing "nothing": invalid syntax`},
	} {
		if _, err := list([]byte(test.data), []byte(test.licence), "1"); err == nil || err.Error() != test.want {
			t.Errorf("%.30s: got %v, want %s", test.data, err, test.want)
		}
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	var archive bytes.Buffer
	zipped := gzip.NewWriter(&archive)
	files := tar.NewWriter(zipped)
	for _, name := range []string{"package/emoji.json", "package/img/1f389.png"} {
		if err := files.WriteHeader(&tar.Header{Name: name, Size: 2, Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := files.Write([]byte("[]")); err != nil {
			t.Fatal(err)
		}
	}
	files.Close()
	zipped.Close()
	got, err := unpack(archive.Bytes())
	if err != nil || len(got) != 1 || string(got["package/emoji.json"]) != "[]" {
		t.Errorf("got %v %v", got, err)
	}
	if _, err := unpack([]byte("no archive")); err == nil {
		t.Error("what is no archive is taken")
	}
	if _, err := unpack(archive.Bytes()[:archive.Len()/2]); err == nil {
		t.Error("half an archive is taken")
	}
}

func TestRunWithoutThatVersion(t *testing.T) {
	t.Setenv("PATH", "")
	if err := run(t.Context(), "1.2.3", t.TempDir()+"/x"); err == nil || !strings.Contains(err.Error(), "npm pack") {
		t.Errorf("got %v, want that there is no npm", err)
	}
}
