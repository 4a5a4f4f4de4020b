package events

import "testing"

func TestAPatchGivesItsFaultsInOneOrder(t *testing.T) {
	note := &NoteAdded{Common: Common{Sources: Sources{{ID: "s", Name: "S"}}}, Text: "a text"}
	const want = "/data/patch/a: "
	first := ""
	for range 50 {
		_, err := Patch(TypeNoteAdded, note, []byte(`{"d":1,"c":1,"b":1,"a":1,"text":5}`), "/data/patch")
		if err == nil || err.Error()[:len(want)] != want {
			t.Fatalf("got %v, want the faults by name", err)
		}
		if first == "" {
			first = err.Error()
		}
		if err.Error() != first {
			t.Fatalf("once %s\nthen %v", first, err)
		}
	}
}

func TestAPatchThatIsNoObjectIsRefused(t *testing.T) {
	note := &NoteAdded{Common: Common{Sources: Sources{{ID: "s", Name: "S"}}}, Text: "a text"}
	for _, patch := range []string{`5`, `null`, `[]`, `"text"`, `{"text":null}`, `{"sources":[]}`} {
		if p, err := Patch(TypeNoteAdded, note, []byte(patch), "/data/patch"); err == nil {
			t.Errorf("%s gives %+v", patch, p)
		}
	}
}
