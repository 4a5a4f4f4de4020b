package item

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
)

// Sources are stored once, wherever they stand in the data, and every answer has them
// twice.
func TestSourcesAreStoredOnce(t *testing.T) {
	const list = `"sources":[{"id":"s","name":"A \"tower\", \"sources\":[","url":"https://example.org/a?b=1\u0026c"},{"id":"o","name":"An outlet","via":["s"]}]`
	for data, stored := range map[string]int{
		`{"text":"a",` + list + `}`:                            1,
		`{"note":"b",` + list + `,"text":"a"}`:                 1,
		`{"headline":"\"sources\":[","text":"a",` + list + `}`: 1,
	} {
		e, err := events.Submit(fmt.Appendf(nil, `{"id":"0198a9f2-7c1e-7000-8000-000000000001","source":"/d","type":"note.added","subject":"note/a","data":%s}`, data), "s")
		must(t, err)
		e.Recorded = events.Instant{Time: noon}
		it := New(7, e)
		want, err := events.EncodeData(it.Data)
		must(t, err)
		b, err := it.Encode("3f9a1c20")
		must(t, err)
		if got := bytes.Count(b, []byte(`"An outlet"`)); got != stored {
			t.Errorf("%s: sources are stored %d times", data, got)
		}
		row, err := DecodeRow(b)
		must(t, err)
		if got := row.Data(); !bytes.Equal(got, want) {
			t.Errorf("data is\n%s, was\n%s", got, want)
		}
		for _, in := range []*message.Language{message.English(), foreign(t)} {
			answer, err := row.Append(nil, &Words{In: in, Called: unnamed})
			must(t, err)
			if !strings.HasSuffix(string(answer), dataMember+string(want)) {
				t.Errorf("%s: %s", in.Tag, answer)
			}
		}
		if got := row.JSON(); len(got) > row.Size() {
			t.Errorf("a core of %d bytes is said to have %d", len(got), row.Size())
		}
	}
}

// A row that was damaged is an error or another row, whatever byte it is.
func TestADamagedRowIsNoPanic(t *testing.T) {
	it := landing(t, "")
	whole, err := it.Encode("3f9a1c20")
	must(t, err)
	dice := rand.New(rand.NewPCG(3, 4))
	for n := range 20_000 {
		b := bytes.Clone(whole[:len(whole)-n%3])
		b[dice.IntN(min(len(b), 200))] = byte(dice.Uint32())
		row, err := DecodeRow(b)
		if err != nil {
			continue
		}
		row.Data()
		row.JSON()
		_, _ = row.Append(nil, &Words{In: message.English(), Called: unnamed}) // its text may be anything
	}
}
