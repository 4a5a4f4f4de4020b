package events

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events/class"
)

// MaxSize is the most bytes an event may have when written down. C2SP
// tlog-tiles limits a log entry to 65,535.
const MaxSize = 60 << 10

// ErrTooLarge is the error of an event over [MaxSize].
var ErrTooLarge = class.New(class.TooLarge, "the event is larger than 60 KiB")

// ContentType is the media type of an event.
const ContentType = "application/cloudevents+json"

// Event is one CloudEvents 1.0 event of a summit.
type Event struct {
	// ID is a UUID: the idempotency key, for ever.
	ID string
	// Source is the desk that records it, a URI reference.
	Source string
	// Type is the registered name.
	Type string
	// Subject is the entity it is about.
	Subject Entity
	// Time is the best single instant of the occurrence, or of an announcement
	// when it was announced; zero when unknown.
	Time Instant
	// Recorded is when the log took it: set by the server.
	Recorded Instant
	// By names the token it was recorded with: set by the server, or "" if it
	// asks for none.
	By string
	// Approved names the token that approved it before it was recorded: set by
	// the server.
	Approved string
	// Summit is the id of the summit.
	Summit string
	// Copied is whether it was submitted with a recorded time: it was recorded
	// elsewhere before and is taken over as it is. It is not written down.
	Copied bool
	// Extensions are the attributes that are not known here.
	Extensions Extensions
	// Data is what it says.
	Data Payload
}

// envelope is the wire form. The order of its fields is the order of the keys.
type envelope struct {
	SpecVersion     string         `json:"specversion" rule:"enum=1.0" doc:"CloudEvents version."`
	ID              string         `json:"id,omitzero" rule:"uuid" doc:"UUID: the idempotency key."`
	Source          string         `json:"source,omitzero" rule:"required;max=300" doc:"The desk that records it, a URI reference."`
	Type            string         `json:"type,omitzero" rule:"required;max=100" doc:"Registered type."`
	Subject         string         `json:"subject,omitzero" rule:"required;entity=*" doc:"The entity, as KIND/ID."`
	Time            Instant        `json:"time,omitzero" doc:"Best single instant of the occurrence; of an announcement (a meeting scheduled, rescheduled or cancelled, any fact of phase planned) when it was announced."`
	Recorded        Instant        `json:"recordedtime,omitzero" doc:"When the log took it; set by the server."`
	RecordedBy      string         `json:"recordedby,omitzero" rule:"max=80" doc:"Name of the token it was recorded with; set by the server."`
	ApprovedBy      string         `json:"approvedby,omitzero" rule:"max=80" doc:"Name of the token that approved it; set by the server."`
	Summit          string         `json:"summit,omitzero" rule:"slug" doc:"Id of the summit."`
	DataContentType string         `json:"datacontenttype,omitzero" rule:"max=200;json" doc:"Media type of data: application/json."`
	DataSchema      string         `json:"dataschema,omitzero" rule:"max=200" doc:"Path of the JSON Schema of data."`
	Data            jsontext.Value `json:"data,omitzero" rule:"required" doc:"The payload."`
	Extensions      Extensions     `json:",embed"`
}

// Decode reads an event that was written down: every attribute must be there.
// The error is a [Faults].
func Decode(raw []byte) (Event, error) {
	env, faults, err := open(raw)
	if err != nil {
		return Event{}, err
	}
	for _, x := range [...]struct {
		name    string
		missing bool
	}{
		{"specversion", env.SpecVersion == ""},
		{"id", env.ID == ""},
		{"recordedtime", env.Recorded.IsZero()},
		{"summit", env.Summit == ""},
		{"dataschema", env.DataSchema == ""},
		{"datacontenttype", env.DataContentType == ""},
	} {
		if x.missing {
			faults.add(child("", x.name), "is missing")
		}
	}
	return env.event(faults)
}

// Submit reads an event that somebody hands in for a summit. What the server
// can fill in may be left out; the id and the recorded time of the result are
// then zero. When and by whom it was recorded is the server's to say: what is
// given of it is dropped.
func Submit(raw []byte, summit string) (Event, error) {
	env, faults, err := open(raw, "/recordedby", "/approvedby")
	if err != nil {
		return Event{}, err
	}
	if env.Summit == "" {
		env.Summit = summit
	}
	if summit != "" && env.Summit != summit {
		faults.add("/summit", "is %q, but the event was sent to summit %q", clip(env.Summit), summit)
	}
	copied := !env.Recorded.IsZero()
	env.Recorded, env.RecordedBy, env.ApprovedBy = Instant{}, "", ""
	e, err := env.event(faults)
	if err == nil && !copied && serverMakes(e.Type) {
		err = Faults{{Pointer: "/type", Detail: e.Type + " is recorded by the server itself"}}
	}
	if err != nil {
		return Event{}, err
	}
	e.Copied = copied
	return e, nil
}

var envelopeShape = shapeOf(reflect.TypeFor[envelope](), rule{})

// open checks the envelope and reads it, as far as it can be read. What is wrong
// with an attribute that is dropped does not matter.
func open(raw []byte, dropped ...string) (envelope, Faults, error) {
	if len(raw) > MaxSize {
		return envelope{}, nil, ErrTooLarge
	}
	var faults Faults
	var env envelope
	found, err := readText(envelopeShape, raw, "", &env, &faults)
	if err != nil {
		return envelope{}, nil, err
	}
	env.Extensions = found.extensions
	faults = slices.DeleteFunc(faults, func(f Fault) bool { return slices.Contains(dropped, f.Pointer) })
	if len(faults) > 0 {
		return salvage(raw), faults, nil
	}
	return env, nil, nil
}

// salvage reads what it can of a faulty envelope, so that the faults of its
// data are found as well.
func salvage(raw []byte) envelope {
	var members map[string]jsontext.Value
	_ = json.Unmarshal(raw, &members) // what cannot be read has been named as a fault
	text := func(name string) (s string) {
		_ = json.Unmarshal(members[name], &s)
		return s
	}
	return envelope{
		SpecVersion: text("specversion"), ID: text("id"), Type: text("type"), Subject: text("subject"),
		Summit: text("summit"), DataSchema: text("dataschema"), DataContentType: text("datacontenttype"), Data: members["data"],
	}
}

// event checks what the envelope's shape cannot tell and decodes the data.
func (env envelope) event(faults Faults) (Event, error) {
	subject, _ := ParseEntity(env.Subject)
	e, err := lookup(env.Type)
	if err != nil {
		if env.Type != "" {
			faults.add("/type", "%s", err)
		}
		return Event{}, faults
	}
	env.checkSubject(e, subject, &faults)
	version := e.version()
	if env.DataSchema != "" {
		if version, err = e.schemaVersion(env.DataSchema); err != nil {
			faults.add("/dataschema", "%s", err)
			return Event{}, faults
		}
	}
	if len(env.Data) == 0 || env.Data.Kind() != '{' {
		return Event{}, faults
	}
	data, err := e.decode(env.Data, version, "/data")
	if err != nil {
		var more Faults
		if !errors.As(err, &more) {
			return Event{}, err
		}
		return Event{}, append(faults, more...)
	}
	if !Announces(data) {
		checkTime(env.Time, data.Base().When, &faults)
	}
	if faults != nil {
		return Event{}, faults
	}
	return Event{
		ID: strings.ToLower(env.ID), Source: env.Source, Type: env.Type, Subject: subject, Time: env.Time,
		Recorded: env.Recorded, By: env.RecordedBy, Approved: env.ApprovedBy, Summit: env.Summit, Extensions: env.Extensions, Data: data,
	}, nil
}

func (env envelope) checkSubject(e *entry, subject Entity, faults *Faults) {
	if subject == (Entity{}) {
		return // the shape has said so
	}
	if !e.about(subject.Kind) {
		kinds := string(e.kind)
		if e.or != "" {
			kinds += " or " + string(e.or)
		}
		faults.add("/subject", "must be of kind %s for %s, not %q", kinds, e.name, clip(env.Subject))
	}
	if subject.Kind == KindSummit && env.Summit != "" && subject.ID != env.Summit {
		faults.add("/subject", "must be summit/%s, the summit it is recorded for", clip(env.Summit))
	}
}

// checkTime compares time with when: where when has a best time, that is the
// instant; otherwise time must lie within the interval.
func checkTime(t Instant, when *Moment, faults *Faults) {
	if t.IsZero() || when == nil {
		return
	}
	switch {
	case !when.Best.IsZero() && !when.Best.Equal(t.Time):
		faults.add("/time", "is %s, but data.when.best is %s: they must be the same instant", t, when.Best)
	case !when.Earliest.IsZero() && t.Before(when.Earliest.Time):
		faults.add("/time", "is before data.when.earliest (%s)", when.Earliest)
	case !when.Latest.IsZero() && t.After(when.Latest.Time):
		faults.add("/time", "is after data.when.latest (%s)", when.Latest)
	}
}

// Encode writes an event down. The same event gives the same bytes: fixed key
// order, no white space, no trailing newline, nothing escaped that need not be.
func Encode(e Event) ([]byte, error) { return encode(e, json.Deterministic(true)) }

func encode(e Event, how json.Options) ([]byte, error) {
	if e.Data == nil {
		return nil, errors.New("encode event: no data")
	}
	data, err := encodeData(e.Data, how)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	raw, err := json.Marshal(envelope{
		SpecVersion: "1.0", ID: e.ID, Source: e.Source, Type: e.Type, Subject: e.Subject.String(), Time: e.Time,
		Recorded: e.Recorded, RecordedBy: e.By, ApprovedBy: e.Approved, Summit: e.Summit, DataContentType: "application/json", DataSchema: SchemaPath(e.Type), Data: data,
		Extensions: e.Extensions,
	}, how)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	if len(raw) > MaxSize {
		return nil, ErrTooLarge
	}
	return raw, nil
}

// Same reports whether two events say the same, whenever and by whomever they
// were recorded and however they came (traceparent, tracestate): the test of
// idempotency. An instant written in another way is the same if its offset is.
func Same(a, b Event) (bool, error) {
	canonical := json.JoinOptions(json.Deterministic(true), json.WithMarshalers(json.MarshalToFunc(func(e *jsontext.Encoder, i Instant) error {
		return e.WriteToken(jsontext.String(i.Canonical()))
	})))
	var said [2][]byte
	for i, e := range [...]Event{a, b} {
		e.Recorded, e.By, e.Approved, e.Extensions = Instant{}, "", "", e.Extensions.said()
		var err error
		if said[i], err = encode(e, canonical); err != nil {
			return false, err
		}
	}
	return bytes.Equal(said[0], said[1]), nil
}

// Moment is when it happened or is to happen: data.when, else time, with the
// phase of its type filled in. A zero moment has no time at all.
func (e Event) Moment() Moment { return MomentOf(e.Data, e.Time) }

// MomentOf is the moment of a payload whose event has this time.
func MomentOf(p Payload, t Instant) Moment {
	m := Moment{Best: t}
	if w := p.Base().When; w != nil {
		m = *w
	}
	m.Phase = PhaseOf(p)
	return m
}

// Amends returns the amendment an event is, if it is one.
func (e Event) Amends() (Amendment, bool) {
	a, ok := e.Data.(Amendment)
	return a, ok
}
