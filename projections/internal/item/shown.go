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
	base := e.Data.Base()
	word := base.Sources.Attribution()
	if word == "" {
		word = e.Source
	}
	return AmendmentRow{
		Shown: AmendmentOf{
			ID: e.ID, Seq: seq, Type: e.Type, Target: payload.TargetID(), Recorded: e.Recorded, Desk: e.Source,
			Notice: noticeOf(e.Data), Attribution: word, Changes: changes,
		},
		Message: string(events.Headline(e.Data, e.Subject).Encode()), Data: data, Time: e.Time, Extensions: extensions,
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

// AppendShown appends what shows of an amendment, as stored in row, with its headline in
// the words of a language.
func AppendShown(b, row []byte, in *message.Language, called message.Namer) ([]byte, error) {
	var shown, said []byte
	err := objects.EachMember(row, func(name string, d *jsontext.Decoder) error {
		if name != "shown" && name != "message" {
			return d.SkipValue()
		}
		v, err := d.ReadValue()
		if name == "shown" {
			shown = bytes.Clone(v)
		} else if err == nil {
			said, err = jsontext.AppendUnquote(nil, v)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read an amendment: %w", err)
	}
	if said == nil {
		return append(b, shown...), nil
	}
	before, after, _ := bytes.Cut(shown, noticeMember)
	b = append(append(b, before...), headlineMember...)
	b = append(in.Append(b, said, called), '"')
	return append(append(b, noticeMember...), after...), nil
}

// noticeMember follows the headline of an amendment. What is before it holds no
// text of anybody's but the name of a desk, in which quotes are escaped.
var noticeMember = []byte(`,"notice":`)

// messageOf reads the message of a headline, or nil if the row has its English.
func messageOf(row []byte) ([]byte, error) {
	var r struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal(row, &r); err != nil {
		return nil, fmt.Errorf("read an amendment: %w", err)
	}
	if r.Message == "" {
		return nil, nil
	}
	return []byte(r.Message), nil
}

// ShownHeadline returns the headline of an amendment, as stored in row.
func ShownHeadline(row []byte, in *message.Language, called message.Namer) (string, error) {
	said, err := messageOf(row)
	if err != nil {
		return "", err
	}
	if said != nil {
		return in.SayStored(said, called), nil
	}
	var r AmendmentRow
	if err := json.Unmarshal(row, &r); err != nil {
		return "", fmt.Errorf("read an amendment: %w", err)
	}
	return r.Shown.Headline, nil
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
