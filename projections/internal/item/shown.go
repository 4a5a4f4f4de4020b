package item

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
	"github.com/summit-timeline/summit/events/message"
	"github.com/summit-timeline/summit/projections/internal/objects"
)

// Shown returns an amendment as it stands inside the item: with what it changed.
func Shown(e events.Event, seq uint64, before, after *Item) (AmendmentRow, error) {
	changes, err := DifferenceOf(before, after)
	if err != nil {
		return AmendmentRow{}, err
	}
	data, err := events.EncodeData(e.Data)
	if err != nil {
		return AmendmentRow{}, err
	}
	extensions, err := e.Extensions.Said()
	if err != nil {
		return AmendmentRow{}, err
	}
	payload, _ := e.Amends()
	word := message.English().Sources(originsOf(e.Data.Base().Sources, e.Source))
	said := message.English().WordSources(events.Headline(e.Data, e.Subject))
	return AmendmentRow{
		Shown: AmendmentOf{
			ID: e.ID, Seq: seq, Type: e.Type, Target: payload.TargetID(), Recorded: e.Recorded, Desk: e.Source,
			Notice: noticeOf(e.Data), Attribution: word, Changes: changes,
		},
		Message: string(said.Encode()), Data: data, Time: e.Time, Extensions: extensions,
	}, nil
}

// noticeOf returns the notice of an amendment for readers.
func noticeOf(p events.Payload) string {
	switch d := p.(type) {
	case *events.FactCorrected:
		return d.Notice
	case *events.FactRetracted:
		if d.Notice != "" {
			return d.Notice
		}
		return d.Reason
	case *events.FactCorroborated:
		return d.Detail
	case *events.FactDisputed:
		return d.Detail
	case *events.FactUnsealed:
		return d.Reason
	case *events.FactWithheld:
		return d.Reason
	}
	return p.Base().Note
}

// DifferenceOf lists what changed in an item's data and grade.
func DifferenceOf(before, after *Item) ([]objects.Difference, error) {
	was, err := events.EncodeData(before.Data)
	if err != nil {
		return nil, err
	}
	now, err := events.EncodeData(after.Data)
	if err != nil {
		return nil, err
	}
	list, err := objects.Differences("/data", was, now)
	if err != nil {
		return nil, err
	}
	if a, b := gradeJSON(before), gradeJSON(after); string(a) != string(b) && after.grade != before.grade {
		list = append(list, objects.Difference{Path: "/grade", Was: a, Now: b})
	}
	if list == nil {
		list = []objects.Difference{}
	}
	return list, nil
}

func gradeJSON(it *Item) jsontext.Value {
	g := it.currentGrade()
	if g == nil {
		return jsontext.Value("null")
	}
	return jsontext.Value(`"` + g.String() + `"`)
}

// amendment reads an amendment, as stored in row, to be told in the language. Rows keep
// the sources in English, in a headline too: for other languages both are made anew
// from its data.
func (w *Words) amendment(row []byte) (told, error) {
	if english(w.In) {
		return readTold(row, w.In)
	}
	return w.Told.of(w.In, row, func() (told, error) { return readTold(row, w.In) })
}

func readTold(row []byte, in *message.Language) (t told, err error) {
	var data []byte
	err = objects.EachMember(row, func(name string, d *jsontext.Decoder) error {
		if name != "shown" && name != "message" && name != "data" {
			return d.SkipValue()
		}
		v, err := d.ReadValue()
		switch name {
		case "shown":
			t.shown = bytes.Clone(v)
		case "data":
			data = bytes.Clone(v)
		case "message":
			if err == nil {
				t.message, err = jsontext.AppendUnquote(nil, v)
			}
		}
		if err == nil && t.shown != nil && t.message != nil && english(in) {
			return objects.ErrEnough // they stand first
		}
		return err
	})
	if err == nil && !english(in) {
		err = t.anew(data, in)
	}
	if err != nil {
		return told{}, fmt.Errorf("read an amendment: %w", err)
	}
	return t, nil
}

// anew makes the headline and the attribution from the data of the amendment.
func (t *told) anew(data []byte, in *message.Language) error {
	var of AmendmentOf
	if err := json.Unmarshal(t.shown, &of); err != nil {
		return err
	}
	p, err := events.ReadData(of.Type, data)
	if err != nil {
		return err
	}
	if t.message != nil {
		t.message = events.Headline(p, events.Entity{}).Encode() // of amendments none names the entity
	}
	t.attribution = in.AppendSources(nil, originsOf(p.Base().Sources, of.Desk))
	return nil
}

// AppendShown appends what shows of an amendment, as stored in row, with its headline and
// its attribution in the words of a language.
func AppendShown(b, row []byte, words *Words) ([]byte, error) {
	t, err := words.amendment(row)
	if err != nil {
		return nil, err
	}
	rest := t.shown
	if t.message != nil {
		before, _, _ := bytes.Cut(rest, noticeMember)
		b = append(append(b, before...), headlineMember...)
		b = append(words.In.Append(b, t.message, words.Called), '"')
		rest = rest[len(before):]
	}
	if t.attribution == nil {
		return append(b, rest...), nil
	}
	return appendAttributed(b, rest, t.attribution), nil
}

// noticeMember follows the headline of an amendment. What is before it holds no
// text of anybody's but the name of a desk, in which quotes are escaped.
var noticeMember = []byte(`,"notice":`)

// ShownHeadline returns the headline of an amendment, as stored in row.
func ShownHeadline(row []byte, words *Words) (string, error) {
	t, err := words.amendment(row)
	if err != nil {
		return "", err
	}
	if t.message != nil {
		return words.In.SayStored(t.message, words.Called), nil
	}
	var of AmendmentOf
	if err := json.Unmarshal(t.shown, &of); err != nil {
		return "", fmt.Errorf("read an amendment: %w", err)
	}
	return of.Headline, nil
}

// AmendmentOf is an amendment as it shows inside the item it amends.
type AmendmentOf struct {
	ID          string               `json:"id"`
	Seq         uint64               `json:"seq"`
	Type        string               `json:"type"`
	Target      string               `json:"target"`
	Recorded    events.Instant       `json:"recorded"`
	Desk        string               `json:"desk"`
	Headline    string               `json:"headline,omitzero"`
	Notice      string               `json:"notice"`
	Attribution string               `json:"attribution"`
	Changes     []objects.Difference `json:"changes"`
}
