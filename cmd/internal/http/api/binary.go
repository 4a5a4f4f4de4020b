package api

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/cmd/internal/http/respond"
	"github.com/summit-timeline/summit/events"
)

// attributeHeader is how the header of an attribute begins in the binary mode of
// the CloudEvents HTTP binding 1.0.2 (section 3.1): the body is the data.
const attributeHeader = "Ce-"

// isBinary reports whether a request is an event in binary mode. A media type of
// CloudEvents means another mode, whatever headers there are.
func isBinary(r *http.Request) bool {
	if t, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.HasPrefix(strings.ToLower(strings.TrimSpace(t)), "application/cloudevents") {
		return false
	}
	for name := range r.Header {
		if strings.HasPrefix(name, attributeHeader) {
			return true
		}
	}
	return false
}

// submit reads the event that a request hands in, in binary or structured mode.
func submit(r *http.Request, body []byte, summit string) (events.Event, error) {
	if !isBinary(r) {
		return events.Submit(body, summit) //nolint:wrapcheck // faults
	}
	if t := r.Header.Get("Content-Type"); t != "" {
		if err := events.CheckJSONType(t); err != nil {
			return events.Event{}, &respond.Problem{Status: http.StatusUnsupportedMediaType, Detail: "Content-Type " + err.Error()}
		}
	}
	members, faults := attributes(r.Header)
	if len(body) > 0 {
		var data jsontext.Value
		if err := jsonv2.Unmarshal(body, &data); err != nil {
			faults = append(faults, events.Fault{Pointer: "/data", Detail: "is not valid JSON: " + err.Error()})
		} else {
			members["data"] = data
		}
	}
	raw, err := jsonv2.Marshal(members, jsonv2.Deterministic(true))
	if err != nil {
		return events.Event{}, err
	}
	e, err := events.Submit(raw, summit)
	var more events.Faults
	if err != nil && !errors.As(err, &more) {
		return e, err //nolint:wrapcheck // it says what is wrong
	}
	if faults = together(faults, more); faults != nil {
		return events.Event{}, faults
	}
	return e, nil
}

// together adds faults to those of headers. What is wrong with a header is not
// told twice.
func together(of, more events.Faults) events.Faults {
	for _, f := range more {
		if !slices.ContainsFunc(of, func(g events.Fault) bool { return g.Pointer == f.Pointer }) {
			of = append(of, f)
		}
	}
	return of
}

// attributes reads the attributes of an event out of the headers.
func attributes(h http.Header) (map[string]jsontext.Value, events.Faults) {
	members := map[string]jsontext.Value{}
	var faults events.Faults
	if t := h.Get("Content-Type"); t != "" {
		members["datacontenttype"] = jsonText(t)
	}
	for _, header := range headersOf(h) {
		name := strings.ToLower(strings.TrimPrefix(header, attributeHeader))
		text, err := headerText(h[header]...)
		if name == "data" || name == "datacontenttype" {
			err = errors.New("must not be a header: the body is the data, and Content-Type is its media type")
		}
		if err != nil {
			faults = append(faults, events.Fault{Pointer: "/" + name, Detail: "header " + strings.ToLower(header) + " " + err.Error()})
			continue
		}
		members[name] = jsonText(text)
	}
	return members, faults
}

// headersOf lists the headers of attributes in one order.
func headersOf(h http.Header) (names []string) {
	for name := range h {
		if strings.HasPrefix(name, attributeHeader) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// jsonText writes a text of valid UTF-8 as JSON.
func jsonText(text string) jsontext.Value {
	b, _ := jsontext.AppendQuote(nil, strings.ToValidUTF8(text, "\ufffd")) // it fails for bad UTF-8 alone
	return b
}

// headerText returns the value of an attribute from its header: a quoted string
// (RFC 9110, section 5.6.4) is unquoted, then percent-encoding is undone once
// (CloudEvents HTTP binding 1.0.2, section 3.1.3.2).
func headerText(values ...string) (string, error) {
	if len(values) != 1 {
		return "", fmt.Errorf("is given %d times: an attribute has only one value", len(values))
	}
	text := percentDecoded(unquoted(values[0]))
	if !utf8.ValidString(text) {
		return "", errors.New("is not UTF-8: percent-encode the bytes of UTF-8")
	}
	return text, nil
}

// unquoted undoes the quotation marks that older versions of the binding allow.
func unquoted(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var out strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i+1 < len(s)-1 {
			i++
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// percentDecoded undoes percent-encoding. A percent sign without two hexadecimal
// digits after it stands for itself: widespread SDKs do not encode at all.
func percentDecoded(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				out = append(out, b...)
				i += 2
				continue
			}
		}
		out = append(out, s[i])
	}
	return string(out)
}
