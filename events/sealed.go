package events

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events/message"
)

// A sealed value is recorded without being shown. In its place stands an object with one
// member, which commits to it:
//
//	{"sealed":"<base64url of SHA-256(salt ‖ pointer ‖ 0x00 ‖ JSON of the value)>"}
//
// The salt has 32 random bytes, so that nobody can guess a short value. The pointer is that
// (RFC 6901) of the value in data. The JSON is that of RFC 8785.

// SaltSize is how many bytes the salt of a commitment has.
const SaltSize = 32

// Disclosure is what a commitment commits to.
type Disclosure struct {
	Pointer string         `json:"pointer" rule:"required;max=200" doc:"Where the value stands in data: a JSON pointer (RFC 6901)."`
	Salt    string         `json:"salt" rule:"required;max=43" doc:"32 random bytes, base64url."`
	Value   jsontext.Value `json:"value" rule:"required;value" doc:"The value."`
}

var encoding = base64.RawURLEncoding.Strict()

// Commitment returns the commitment to the value.
func (d Disclosure) Commitment() (string, error) {
	salt, err := encoding.DecodeString(d.Salt)
	if err != nil || len(salt) != SaltSize {
		return "", fmt.Errorf("the salt of %s is not %d bytes as base64url", d.Pointer, SaltSize)
	}
	value := d.Value.Clone()
	if err := value.Canonicalize(); err != nil {
		return "", fmt.Errorf("the value of %s is not JSON: %w", d.Pointer, err)
	}
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte(d.Pointer))
	h.Write([]byte{0})
	h.Write(value)
	return encoding.EncodeToString(h.Sum(nil)), nil
}

// Sealed is a value that is sealed: where it stands, and what commits to it.
type Sealed struct{ Pointer, Commitment string }

const commitmentSize = message.CommitmentSize

// sealedJSON is what stands in the place of a value.
func sealedJSON(commitment string) jsontext.Value {
	return message.SealedObject(commitment)
}

// commitmentOf returns the commitment that a value is, false where it is anything else.
func commitmentOf(v jsontext.Value) (string, bool) {
	var o map[string]jsontext.Value
	if v.Kind() != '{' || len(v) > 3*commitmentSize || json.Unmarshal(v, &o) != nil || len(o) != 1 {
		return "", false
	}
	var text string
	if json.Unmarshal(o["sealed"], &text) != nil {
		return "", false
	}
	b, err := encoding.DecodeString(text)
	return text, err == nil && len(b) == sha256.Size
}

// sealedText is how a payload holds a sealed text.
func sealedText(commitment string) string { return message.SealMark + commitment }

// IsSealed reports whether a text of a payload is that of a sealed value.
func IsSealed(text string) bool {
	return len(text) == len(message.SealMark)+commitmentSize && strings.HasPrefix(text, message.SealMark)
}

// SealedIn lists the sealed values below a value, in their order.
func SealedIn(value jsontext.Value) []Sealed {
	if !bytes.Contains(value, []byte(`"sealed"`)) {
		return nil
	}
	return sealedIn(value, "")
}

func sealedIn(value jsontext.Value, at string) (list []Sealed) {
	_, _ = members(value, at, func(at string, v jsontext.Value) (jsontext.Value, error) { // it was read before
		if c, ok := commitmentOf(v); ok {
			list = append(list, Sealed{at, c})
		} else {
			list = append(list, sealedIn(v, at)...)
		}
		return v, nil
	})
	return list
}

// Seal seals what an event asks to have sealed and is not, and returns the disclosures.
// salt returns the next 32 random bytes.
func Seal(e Event, salt func() [SaltSize]byte) (Event, []Disclosure, error) {
	return seal(e, func(string) (string, bool) {
		s := salt()
		return encoding.EncodeToString(s[:]), true
	})
}

// SealAs seals an event as one that was recorded: with the salts of its disclosures. A value
// that has none any more is taken for the one that was sealed, since nobody can tell.
func SealAs(e Event, sealed []Sealed, disclosed []Disclosure) (Event, error) {
	as, _, err := seal(e, func(pointer string) (string, bool) {
		for _, d := range disclosed {
			if d.Pointer == pointer {
				return d.Salt, true
			}
		}
		return "", false
	})
	if err != nil {
		return Event{}, err
	}
	data, err := EncodeData(as.Data)
	if err != nil {
		return Event{}, err
	}
	values := map[string]jsontext.Value{}
	for _, s := range sealed {
		if v, ok := At(data, s.Pointer); ok && !slices.ContainsFunc(disclosed, func(d Disclosure) bool { return d.Pointer == s.Pointer }) && v.Kind() != '{' {
			values[s.Pointer] = sealedJSON(s.Commitment)
		}
	}
	if data, err = set(data, "", values); err != nil {
		return Event{}, fmt.Errorf("seal: %w", err)
	}
	as.Data, err = DecodeData(as.Type, data, "/data")
	return as, err
}

// Seals reports whether an event has sealed values, or asks to have some sealed.
func Seals(e Event) bool {
	p, corrects := e.Data.(*FactCorrected)
	return e.Data.Base().seals() || corrects && len(SealedIn(p.Patch)) > 0
}

// AsksToSeal reports whether an event has values that are to be sealed and are not.
func AsksToSeal(e Event) bool {
	b := e.Data.Base()
	if len(b.Sealed) == 0 {
		return false
	}
	sealed, err := SealedValues(e.Data)
	return err != nil || len(sealed) < len(b.Sealed)
}

func seal(e Event, salt func(pointer string) (string, bool)) (Event, []Disclosure, error) {
	pointers := e.Data.Base().Sealed
	if len(pointers) == 0 {
		return e, nil, nil
	}
	data, err := EncodeData(e.Data)
	if err != nil {
		return Event{}, nil, err
	}
	var list []Disclosure
	values := map[string]jsontext.Value{}
	for _, pointer := range pointers {
		value, ok := At(data, pointer)
		if !ok {
			return Event{}, nil, fmt.Errorf("seal %s: there is no value", pointer)
		}
		if _, already := commitmentOf(value); already {
			continue
		}
		s, known := salt(pointer)
		if !known {
			continue
		}
		d := Disclosure{Pointer: pointer, Salt: s, Value: value.Clone()}
		if err := d.Value.Canonicalize(); err != nil {
			return Event{}, nil, fmt.Errorf("seal %s: %w", pointer, err)
		}
		c, err := d.Commitment()
		if err != nil {
			return Event{}, nil, err
		}
		list, values[pointer] = append(list, d), sealedJSON(c)
	}
	if data, err = set(data, "", values); err != nil {
		return Event{}, nil, fmt.Errorf("seal: %w", err)
	}
	e.Data, err = DecodeData(e.Type, data, "/data")
	return e, list, err
}

// Open returns a value with what was disclosed in the places of the commitments to it.
func Open(value jsontext.Value, disclosed map[string]jsontext.Value) (jsontext.Value, error) {
	if len(disclosed) == 0 || !bytes.Contains(value, []byte(`"sealed"`)) {
		return value, nil
	}
	return members(value, "", func(_ string, v jsontext.Value) (jsontext.Value, error) {
		if c, ok := commitmentOf(v); ok && disclosed[c] != nil {
			return disclosed[c], nil
		}
		return Open(v, disclosed)
	})
}

// Unseal returns a payload with what was disclosed in the places of the commitments to it.
func Unseal(typ string, p Payload, disclosed []Disclosure) (Payload, error) {
	values := map[string]jsontext.Value{}
	for _, d := range disclosed {
		c, err := d.Commitment()
		if err != nil {
			return nil, err
		}
		values[c] = d.Value
	}
	data, err := EncodeData(p)
	if err != nil {
		return nil, err
	}
	open, err := Open(data, values)
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	if open, err = relist(open); err != nil {
		return nil, err
	}
	return DecodeData(typ, open, "/data")
}

// SealedValues lists what is sealed of a payload, in the order of its data.
func SealedValues(p Payload) ([]Sealed, error) {
	if !p.Base().seals() {
		return nil, nil
	}
	data, err := EncodeData(p)
	return SealedIn(data), err
}

// seals reports whether something of a payload is sealed, or is to be.
func (c *Common) seals() bool { return c.Sealed != nil || c.commitments != nil || !c.UnsealAt.IsZero() }

// withSealed puts the commitments of a payload where they stand in its data.
func (c *Common) withSealed(data []byte) ([]byte, error) {
	if c.commitments == nil {
		return data, nil
	}
	values := map[string]jsontext.Value{}
	for _, s := range c.commitments {
		values[s.Pointer] = sealedJSON(s.Commitment)
	}
	out, err := set(data, "", values)
	if err != nil {
		return nil, fmt.Errorf("encode data: %w", err)
	}
	return out, nil
}

// relist has the list of what is sealed in data say what is, after a patch.
func relist(data jsontext.Value) (jsontext.Value, error) {
	if !bytes.Contains(data, []byte(`"sealed"`)) {
		return data, nil
	}
	var pointers []string
	for _, s := range SealedIn(data) {
		pointers = append(pointers, s.Pointer)
	}
	var o map[string]jsontext.Value
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, fmt.Errorf("list what is sealed: %w", err)
	}
	if delete(o, "sealed"); pointers != nil {
		list, err := json.Marshal(pointers)
		if err != nil {
			return nil, fmt.Errorf("list what is sealed: %w", err)
		}
		o["sealed"] = list
	}
	return json.Marshal(o, json.Deterministic(true))
}
