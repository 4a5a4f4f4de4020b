package snapshot

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/store/merkle"
)

const origin = "host.example/summits/geneva"

// sealed is a snapshot of some bytes, and what verifies it.
func sealed(t testing.TB, views []byte) (file []byte, said Statement, log note.Verifier) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	skey, vkey, err := merkle.GenerateKey(rand.Reader, origin)
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	log, err = merkle.ParseVerifier(vkey)
	must(err)
	said = Statement{
		Origin: origin, Position: events.Position{Epoch: "0a0b0c0d", Seq: 12}, Root: sha256.Sum256([]byte("root")), Version: 3,
		Bytes: int64(len(views)), Sum: sha256.Sum256(views), Tables: []Table{{"events", 12, sha256.Sum256([]byte("a"))}, {"tiles", 1, sha256.Sum256(nil)}},
	}
	statement, err := note.Sign(&note.Note{Text: string(said.Format())}, signer)
	must(err)
	checkpoint, err := merkle.Sign(merkle.Checkpoint{Origin: origin, Size: 12, Root: said.Root}, signer)
	must(err)
	c := Content{Statement: statement, Checkpoint: checkpoint, Views: bytes.NewReader(views), Bytes: int64(len(views))}
	var b bytes.Buffer
	must(Write(&b, c))
	if int64(b.Len()) != c.Size() {
		t.Fatalf("it has %d bytes, and was to have %d", b.Len(), c.Size())
	}
	return b.Bytes(), said, log
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	for _, size := range []int{0, 1, block - 1, block, block + 1, 3*block + 7} {
		views := bytes.Repeat([]byte("v"), size)
		file, said, log := sealed(t, views)
		var got bytes.Buffer
		told := uint64(0)
		read, err := Read(bytes.NewReader(file), log, &got, func(done, of uint64) {
			if told = done; of != uint64(size) {
				t.Errorf("%d bytes are told of", of)
			}
		})
		if err != nil || !bytes.Equal(got.Bytes(), views) || string(read.Format()) != string(said.Format()) || told != uint64(size) {
			t.Errorf("%d bytes: %v, %d read, %d told", size, err, got.Len(), told)
		}
	}
}

// Wherever it is cut and whichever bit is flipped: what counts is refused.
func TestNoBitOfASnapshotCanBeChanged(t *testing.T) {
	views := []byte(strings.Repeat("views ", 30))
	file, _, log := sealed(t, views)
	body := bytes.LastIndex(file, []byte("views ")) + len("views ") // what follows says nothing
	for at := 0; at < body; at += 7 {
		if _, err := Read(bytes.NewReader(file[:at]), log, io.Discard, nil); err == nil {
			t.Errorf("cut at %d it is taken", at)
		}
	}
	for at := range body {
		changed := bytes.Clone(file)
		changed[at] ^= 1
		var got bytes.Buffer
		if _, err := Read(bytes.NewReader(changed), log, &got, nil); err == nil && !bytes.Equal(got.Bytes(), views) {
			t.Errorf("with a bit flipped at %d others are taken", at)
		}
	}
}

func TestAStatementHasOneText(t *testing.T) {
	_, said, _ := sealed(t, []byte("v"))
	good := string(said.Format())
	if s, err := parse(good); err != nil || s.Version != 3 || len(s.Tables) != 2 {
		t.Fatalf("%+v %v", s, err)
	}
	for _, bad := range []string{
		"", good + "\n", strings.TrimSuffix(good, "\n"), strings.Replace(good, "views 3", "views 03", 1), strings.Replace(good, "views 3", "views +3", 1),
		strings.Replace(good, "bytes 1", "bytes -1", 1), strings.Replace(good, "table events", "table  events", 1), strings.Replace(good, "/snapshot", "", 1),
		strings.Replace(good, "0a0b0c0d-12", "0a0b0c0d-012", 1), strings.ToUpper(good), strings.Replace(good, "\n", "\r\n", 1),
	} {
		if s, err := parse(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, s)
		}
	}
}

func FuzzASnapshotIsReadOrRefused(f *testing.F) {
	file, _, log := sealed(f, []byte("views"))
	f.Add(file)
	f.Add(file[:100])
	f.Fuzz(func(t *testing.T, b []byte) {
		var got bytes.Buffer
		s, err := Read(bytes.NewReader(b), log, &got, nil)
		if err == nil && (s.Sum != sha256.Sum256(got.Bytes()) || errors.Is(err, io.EOF)) {
			t.Errorf("%+v was taken", s)
		}
	})
}
