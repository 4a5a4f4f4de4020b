package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unicode"

	"github.com/summit-timeline/summit/cmd/internal/cli"
)

// commands are what a terminal obeys.
const commands = "\x1b[2J\x1b[31mred\x1b]0;title\x07\u009b31m\r\x08\x7f"

// harmless reports whether a terminal can be shown a text.
func harmless(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' })
}

// Verbs show the answers of a server as plain text.
func TestVerbsDoNotCommandTheTerminal(t *testing.T) {
	said, err := json.Marshal(commands)
	if err != nil {
		t.Fatal(err)
	}
	item := fmt.Sprintf(`{"fact":%[1]s,"seq":3,"position":"00000000-3","type":%[1]s,"entity":%[1]s,"headline":%[1]s,"recorded":"2025-08-15T00:00:00Z","attribution":%[1]s,"roots":1,"grade":%[1]s,"standing":%[1]s,"revision":1,
		"sources":[{"id":"s","name":%[1]s}],"amendments":[{"id":%[1]s,"seq":4,"type":%[1]s,"notice":%[1]s,"changes":[{"path":%[1]s,"was":%[1]s,"now":%[1]s}]}],"data":{"text":%[1]s},"history":[{"type":%[1]s,"source":%[1]s,"data":{"text":%[1]s}}]}`, said)
	whole := fmt.Sprintf(`{"summit":%[1]s,"title":%[1]s,"zone":"UTC","id":%[1]s,"phase":%[1]s,"position":"00000000-3","known":"00000000-3","complete":false,"quarantined":[{"seq":1,"reason":%[1]s}],"status":%[1]s,"reasons":[%[1]s],
		"items":[%[2]s],"added":[%[2]s],"retracted":[%[2]s],"corrected":[{"fact":%[1]s,"changes":[{"path":%[1]s,"was":%[1]s,"now":%[1]s}]}],"aircraft":[{"id":%[1]s,"model":%[1]s,"state":%[1]s,"standing":%[1]s,"facts":[%[1]s]}],
		"meetings":[{"id":%[1]s,"title":%[1]s,"state":%[1]s,"facts":[%[1]s]}],"sites":[],"agenda":[{"topic":%[1]s,"title":%[1]s,"facts":[%[1]s]}],"positions":[],"delegations":[],"warnings":[{"rule":%[1]s,"detail":%[1]s,"facts":[]}],"conflicts":[]}`, said, item)
	refusal := fmt.Sprintf(`{"status":422,"title":%[1]s,"detail":%[1]s}`, said)
	tried := 0
	for name, answer := range map[string]func(w http.ResponseWriter){
		"an answer":  func(w http.ResponseWriter) { fmt.Fprint(w, whole) },
		"an item":    func(w http.ResponseWriter) { fmt.Fprint(w, item) },
		"a refusal":  func(w http.ResponseWriter) { w.WriteHeader(http.StatusUnprocessableEntity); fmt.Fprint(w, refusal) },
		"no problem": func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError); fmt.Fprint(w, commands) },
		"a stream": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprintf(w, "id: 00000000-3\nevent: fact\ndata: %s\n\nid: 00000000-4\nevent: summit\ndata: %s\n\nevent: refused\ndata: {\"reason\":%s}\n\n", strings.Join(strings.Fields(item), " "), strings.Join(strings.Fields(whole), " "), said)
		},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
		for _, args := range [][]string{
			{"timeline", "x"}, {"status", "x"}, {"changes", "x", "--since", "@1"}, {"facts", "x", "y"}, {"doctor"}, {"open", "x", "--title", "T", "--zone", "UTC"}, {"audit", "x"},
		} {
			var out, errs bytes.Buffer
			run(append(args, "--server", server.URL), cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
			if tried++; !harmless(out.String()) || !harmless(errs.String()) {
				t.Errorf("%s to %v:\n%q\n%q", name, args, out.String(), errs.String())
			}
		}
		server.Close()
	}
	t.Logf("%d answers were shown", tried)
}

// hostileArchives are files that are no archive of a summit, and do harm where
// they are taken for one.
func hostileArchives(t *testing.T) map[string][]byte {
	t.Helper()
	zipped := func(write func(z *zip.Writer) error) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		if err := write(z); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	with := func(h zip.FileHeader, body string) []byte {
		return zipped(func(z *zip.Writer) error {
			w, err := z.CreateHeader(&h)
			if err == nil {
				_, err = io.WriteString(w, body)
			}
			return err
		})
	}
	link := zip.FileHeader{Name: "summit.json"}
	link.SetMode(fs.ModeSymlink | 0o777)
	device := zip.FileHeader{Name: "summit.json"}
	device.SetMode(fs.ModeDevice | 0o666)
	zeros := strings.Repeat("\x00", 200<<20)
	return map[string][]byte{
		"nothing": nil, "text": []byte("summit"), "a zip of nothing": zipped(func(*zip.Writer) error { return nil }),
		"a link":             with(link, "/etc/passwd"),
		"a device":           with(device, ""),
		"a path upwards":     with(zip.FileHeader{Name: "../../../../tmp/x"}, "x"),
		"an absolute path":   with(zip.FileHeader{Name: "/etc/cron.d/x"}, "x"),
		"a path of Windows":  with(zip.FileHeader{Name: `..\..\x`}, "x"),
		"a name of commands": with(zip.FileHeader{Name: commands}, "x"),
		"a name with a NUL":  with(zip.FileHeader{Name: "summit.json\x00.txt"}, "x"),
		"a bomb":             with(zip.FileHeader{Name: "summit.json", Method: zip.Deflate}, zeros),
		"a size that lies": zipped(func(z *zip.Writer) error {
			w, err := z.CreateRaw(&zip.FileHeader{Name: "summit.json", Method: zip.Store, CRC32: crc32.ChecksumIEEE([]byte("x")), CompressedSize64: 1, UncompressedSize64: 1 << 62})
			if err == nil {
				_, err = io.WriteString(w, "x")
			}
			return err
		}),
		"a small size for much": zipped(func(z *zip.Writer) error {
			w, err := z.CreateRaw(&zip.FileHeader{Name: "summit.json", Method: zip.Store, CompressedSize64: 1 << 20, UncompressedSize64: 1})
			if err == nil {
				_, err = w.Write(make([]byte, 1<<20))
			}
			return err
		}),
	}
}

func TestHostileArchivesRestoreNothing(t *testing.T) {
	tried := 0
	for name, file := range hostileArchives(t) {
		dir := t.TempDir()
		path, data := filepath.Join(dir, "hostile.summit"), filepath.Join(dir, "in", "data")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"restore", path, "--data", data}, {"verify", path}} {
			var out, errs bytes.Buffer
			if code := run(args, cli.Streams{Out: &out, Err: &errs}); code != cli.Bad || !harmless(errs.String()) || !harmless(out.String()) {
				t.Errorf("%s, %s: exit %d: %q %q", name, args[0], code, out.String(), errs.String())
			}
			tried++
		}
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && p != path {
				t.Errorf("%s left %s", name, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d times a hostile file was refused", tried)
}

// A good archive that somebody changed on the way, or whose path leads
// elsewhere, restores nothing either.
func TestAnArchiveThatWasChangedRestoresNothing(t *testing.T) {
	dir := t.TempDir()
	data, path := filepath.Join(dir, "data"), filepath.Join(dir, "alaska.summit")
	p := start(t, data)
	var out, errs bytes.Buffer
	if code := run([]string{"export", "alaska-2025", "-o", path, "--server", p.url}, cli.Streams{Out: &out, Err: &errs}); code != cli.Good {
		t.Fatal(errs.String())
	}
	p.end(t, syscall.SIGTERM)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for at := 0; at < len(good); at += max(1, len(good)/60) {
		bad := bytes.Clone(good)
		bad[at] ^= 0x20
		other := filepath.Join(dir, "changed.summit")
		if err := os.WriteFile(other, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		into := filepath.Join(dir, fmt.Sprint("into", at))
		if code := run([]string{"restore", other, "--data", into}, cli.Streams{Out: io.Discard, Err: io.Discard}); code == cli.Good {
			t.Errorf("with byte %d of %d changed it was restored", at, len(good))
		}
		if _, err := os.Stat(into); err == nil {
			t.Errorf("with byte %d changed something was left in the folder", at)
		}
		tried++
	}
	t.Logf("%d changed archives were refused", tried)
}
