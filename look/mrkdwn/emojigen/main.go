// Command emojigen writes the names of Slack's emoji, which Slack takes from github.com/iamcal/emoji-data, into a text
// that can be searched as it is, below the licence of the data. It gets them with npm, which must be there.
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func main() {
	version := flag.String("version", "", "version of the npm package emoji-datasource")
	out := flag.String("o", "emoji.txt", "file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt) //nolint:forbidigo // where it begins
	err := run(ctx, *version, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "emojigen:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(ctx context.Context, version, out string) error {
	dir, err := os.MkdirTemp("", "emojigen")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	pack := exec.CommandContext(ctx, "npm", "pack", "--silent", "--pack-destination", dir, "emoji-datasource@"+version) //nolint:gosec // who calls it names the version
	pack.Stderr = os.Stderr
	if err := pack.Run(); err != nil {
		return fmt.Errorf("npm pack: %w", err)
	}
	archive, err := os.ReadFile(filepath.Join(dir, "emoji-datasource-"+version+".tgz")) //nolint:gosec // as above
	if err != nil {
		return err
	}
	files, err := unpack(archive)
	if err != nil {
		return fmt.Errorf("emoji-datasource %s: %w", version, err)
	}
	list, err := list(files["package/emoji.json"], files["package/LICENSE"], version)
	if err != nil {
		return fmt.Errorf("emoji-datasource %s: %w", version, err)
	}
	return os.WriteFile(out, list, 0o644) //nolint:gosec // everybody may read it
}

// unpack returns the files of the package, but for pictures.
func unpack(archive []byte) (map[string][]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for files := tar.NewReader(unzipped); ; {
		file, err := files.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.HasPrefix(file.Name, "package/img/") {
			continue
		}
		if all[file.Name], err = io.ReadAll(files); err != nil {
			return nil, err
		}
	}
}

// emoji is an entry of emoji.json, as far as it is used.
type emoji struct {
	Unified    string   `json:"unified"` // "1F3F7-FE0F"
	Names      []string `json:"short_names"`
	Variations map[string]struct {
		Unified string `json:"unified"`
	} `json:"skin_variations"` // by tone: "1F3FB", of two people "1F3FB-1F3FC"
}

// list makes the text.
func list(data, licence []byte, version string) ([]byte, error) {
	if len(licence) == 0 {
		return nil, errors.New("there is no licence in it")
	}
	var all []emoji
	if err := json.Unmarshal(data, &all); err != nil {
		return nil, fmt.Errorf("emoji.json: %w", err)
	}
	var lines []string
	for _, e := range all {
		more, err := e.lines()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Unified, err)
		}
		lines = append(lines, more...)
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
	var out bytes.Buffer
	fmt.Fprintf(&out, "# Names of emoji, from the npm package emoji-datasource %s (github.com/iamcal/emoji-data) by emojigen.\n#\n", version)
	for line := range strings.SplitSeq(strings.TrimSpace(string(licence)), "\n") {
		fmt.Fprintln(&out, strings.TrimSpace("# "+line))
	}
	for i, line := range lines {
		if i > 0 && nameOf(line) == nameOf(lines[i-1]) {
			return nil, fmt.Errorf("the name %s stands there twice", nameOf(line))
		}
		fmt.Fprintln(&out, line)
	}
	return out.Bytes(), nil
}

func nameOf(line string) string {
	name, _, _ := strings.Cut(line, "\t")
	return name
}

// lines returns a line for each name, and one for each variation that is not made by the rule of one tone behind the
// first character: those of two people.
func (e emoji) lines() (lines []string, err error) {
	character, err := characters(e.Unified)
	if err != nil {
		return nil, err
	}
	mark := ""
	if len(e.Variations) > 0 {
		mark = " +"
	}
	for _, name := range e.Names {
		lines = append(lines, name+"\t"+character+mark)
		for tones, variation := range e.Variations {
			if variation.Unified == ruled(e.Unified, tones) {
				continue
			}
			toned, err := characters(variation.Unified)
			if err != nil {
				return nil, err
			}
			lines = append(lines, name+suffix(tones)+"\t"+toned)
		}
	}
	return lines, nil
}

// ruled puts a tone behind the first character.
func ruled(unified, tone string) string {
	first, rest, _ := strings.Cut(unified, "-")
	rest = strings.TrimPrefix("-"+rest, "-FE0F")
	return strings.TrimSuffix(first+"-"+tone+rest, "-")
}

// suffix names tones as Slack does: 1F3FB is skin-tone-2.
func suffix(tones string) string {
	numbers := strings.NewReplacer("1F3FB", "2", "1F3FC", "3", "1F3FD", "4", "1F3FE", "5", "1F3FF", "6")
	return "::skin-tone-" + numbers.Replace(tones)
}

func characters(unified string) (string, error) {
	var out strings.Builder
	for point := range strings.SplitSeq(unified, "-") {
		r, err := strconv.ParseInt(point, 16, 32)
		if err != nil {
			return "", err
		}
		out.WriteRune(rune(r))
	}
	return out.String(), nil
}
