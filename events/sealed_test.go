package events_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/summit-timeline/summit/events"
)

const statement = `{"id":"0198a9f2-7c1e-7000-8000-000000000001","source":"/desks/a","type":"statement.made","subject":"person/p","data":{
	"speaker":"Somebody","text":"What it comes to","quote":"Word \"for\" word\u00e9","topics":["t"],"with":["One","Two"],
	"sources":[{"id":"s1","name":"A protected source","url":"https://example.org/x","published":"2026-11-30T10:00:00Z"},{"id":"s2","name":"An agency"}],
	"sealed":[%s]}}`

func submitted(t *testing.T, pointers ...string) events.Event {
	t.Helper()
	e, err := events.Submit([]byte(asking(pointers...)), "s")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func asking(pointers ...string) string {
	quoted := make([]string, len(pointers))
	for i, p := range pointers {
		quoted[i] = fmt.Sprintf("%q", p)
	}
	return fmt.Sprintf(statement, strings.Join(quoted, ","))
}

// salts returns other bytes at each call.
func salts() func() [events.SaltSize]byte {
	n := uint64(0)
	return func() (salt [events.SaltSize]byte) {
		n++
		binary.BigEndian.PutUint64(salt[:], n)
		return salt
	}
}

var everything = []string{"/quote", "/with", "/sources/0/name", "/sources/0/url", "/sources/0/published"}

func TestSealedValuesAreCommittedToAndNowhereElse(t *testing.T) {
	e, disclosed, err := events.Seal(submitted(t, everything...), salts())
	if err != nil || len(disclosed) != len(everything) {
		t.Fatalf("%v, %v", disclosed, err)
	}
	e.Recorded, _ = events.ParseInstant("2026-11-30T12:00:00Z")
	raw, err := events.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Word", "One", "Two", "protected", "example.org", "10:00:00"} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("%q is in %s", secret, raw)
		}
	}
	for _, public := range []string{"Somebody", "What it comes to", "An agency"} {
		if !strings.Contains(string(raw), public) {
			t.Errorf("%q is not in %s", public, raw)
		}
	}
	for i, d := range disclosed {
		salt, _ := base64.RawURLEncoding.DecodeString(d.Salt)
		sum := sha256.Sum256([]byte(string(salt) + everything[i] + "\x00" + string(d.Value)))
		want := `{"sealed":"` + base64.RawURLEncoding.EncodeToString(sum[:]) + `"}`
		if d.Pointer != everything[i] || !strings.Contains(string(raw), want) {
			t.Errorf("%s: %s is not in %s", d.Pointer, want, raw)
		}
	}
	again, err := events.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := events.Same(e, again); err != nil || !same {
		t.Errorf("read again it is another: %v", err)
	}
	data, err := events.EncodeData(again.Data)
	if err != nil {
		t.Fatal(err)
	}
	back, err := events.ReadData(e.Type, data)
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := events.EncodeData(back); err != nil || string(twice) != string(data) {
		t.Errorf("%s, %v", twice, err)
	}
	if p := back.(*events.StatementMade); !events.IsSealed(p.Quote) || !events.IsSealed(p.With[0]) || events.IsSealed(p.Text) {
		t.Errorf("%+v", p)
	}
}

func TestWhatIsDisclosedFitsWhatWasSealed(t *testing.T) {
	plain := submitted(t, everything...)
	e, disclosed, err := events.Seal(plain, salts())
	if err != nil {
		t.Fatal(err)
	}
	data, err := events.EncodeData(e.Data)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]jsontext.Value{}
	for _, d := range disclosed {
		c, err := d.Commitment()
		if err != nil {
			t.Fatal(err)
		}
		values[c] = d.Value
		d.Pointer = "/text"
		if other, err := d.Commitment(); err != nil || other == c {
			t.Errorf("the commitment does not depend on the pointer: %v", err)
		}
	}
	open, err := events.Open(data, values)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := events.DecodeData(e.Type, open, "")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := events.EncodeData(plain.Data)
	if got, _ := events.EncodeData(shown); string(got) != string(want) {
		t.Errorf("opened: %s\nwant %s", got, want)
	}
	// The same event again is sealed in the same way, whatever salts are at hand.
	same, err := events.SealAs(submitted(t, everything...), sealedOf(t, e), disclosed)
	if err != nil {
		t.Fatal(err)
	}
	if is, err := events.Same(e, same); err != nil || !is {
		t.Errorf("the same event is another: %v", err)
	}
	// What was destroyed cannot be compared: the rest is.
	same, err = events.SealAs(submitted(t, everything...), sealedOf(t, e), disclosed[1:])
	if err != nil {
		t.Fatal(err)
	}
	if is, err := events.Same(e, same); err != nil || !is {
		t.Errorf("without a disclosure it is another: %v", err)
	}
}

func sealedOf(t *testing.T, e events.Event) []events.Sealed {
	t.Helper()
	list, err := events.SealedValues(e.Data)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWhatCannotBeSealedIsNamed(t *testing.T) {
	for _, c := range []struct {
		pointers []string
		fault    string
		says     string
	}{
		{[]string{"/nothing"}, "/data/sealed/0", "there is nothing at /nothing"},
		{[]string{"/quote", "/sources/7/name"}, "/data/sealed/1", "there is nothing"},
		{[]string{"quote"}, "/data/sealed/0", "there is nothing at quote"},
		{[]string{"/data/quote"}, "/data/sealed/0", "there is nothing"},
		{[]string{"/source"}, "/data/sealed/0", "there is nothing"},
		{[]string{"/quote", "/quote"}, "/data/sealed/1", "sealed already"},
		{[]string{"/with", "/with/0"}, "/data/sealed/1", "sealed already"},
		{[]string{"/with/0"}, "/data/sealed/0", "cannot be sealed"},
		{[]string{"/topics"}, "/data/sealed/0", "cannot be sealed"},
		{[]string{"/sources"}, "/data/sealed/0", "cannot be sealed"},
		{[]string{"/sources/0/id"}, "/data/sealed/0", "cannot be sealed"},
		{[]string{"/sealed"}, "/data/sealed/0", "cannot be sealed"},
	} {
		_, err := events.Submit([]byte(asking(c.pointers...)), "s")
		var faults events.Faults
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Pointer != c.fault || !strings.Contains(faults[0].Detail, c.says) {
			t.Errorf("%v: %v", c.pointers, err)
		}
	}
	unlisted := strings.Replace(asking(), `"What it comes to"`, `{"sealed":"`+strings.Repeat("A", 43)+`"}`, 1)
	if _, err := events.Submit([]byte(unlisted), "s"); err == nil || !strings.Contains(err.Error(), "/data/text: is sealed, but /data/sealed does not list it") {
		t.Errorf("a commitment that is not listed: %v", err)
	}
	short := strings.Replace(asking("/text"), `"What it comes to"`, `{"sealed":"AAAA"}`, 1)
	if _, err := events.Submit([]byte(short), "s"); err == nil || !strings.Contains(err.Error(), "/data/text: must be a string, not an object") {
		t.Errorf("a commitment that is too short: %v", err)
	}
}

func TestAPatchSealsAndRepeatsCommitments(t *testing.T) {
	e, _, err := events.Seal(submitted(t, "/quote"), salts())
	if err != nil {
		t.Fatal(err)
	}
	data, err := events.EncodeData(e.Data)
	if err != nil {
		t.Fatal(err)
	}
	quote, _ := events.At(data, "/quote")
	text := `{"sealed":"` + strings.Repeat("B", 42) + `A"}`
	p, err := events.Patch(e.Type, e.Data, fmt.Appendf(nil, `{"text":%s,"quote":%s}`, text, quote), "/patch")
	if err != nil {
		t.Fatal(err)
	}
	got, err := events.EncodeData(p)
	if err != nil {
		t.Fatal(err)
	}
	if list := p.Base().Sealed; len(list) != 2 || !strings.Contains(string(got), text) || !strings.Contains(string(got), string(quote)) {
		t.Errorf("%v: %s", list, got)
	}
	p, err = events.Patch(e.Type, p, []byte(`{"quote":"in words","text":"again"}`), "/patch")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := events.EncodeData(p); err != nil || strings.Contains(string(got), "sealed") {
		t.Errorf("%s, %v", got, err)
	}
}

func TestSealedRootsCountAsOne(t *testing.T) {
	e, _, err := events.Seal(submitted(t, "/sources/0/name", "/sources/1/name"), salts())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(e.Data.Base().Sources.RootNames()); n != 1 {
		t.Errorf("%d roots", n)
	}
	e, _, err = events.Seal(submitted(t, "/sources/0/name"), salts())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(e.Data.Base().Sources.RootNames()); n != 2 {
		t.Errorf("%d roots", n)
	}
}

func TestWhenToUnsealIsAnInstantBesideWhatIsSealed(t *testing.T) {
	at := func(text string, pointers ...string) error {
		_, err := events.Submit([]byte(strings.Replace(asking(pointers...), `"sealed"`, fmt.Sprintf(`"unseal_at":%q,"sealed"`, text), 1)), "s")
		return err
	}
	if err := at("2026-12-01T10:00:00+01:00", "/quote"); err != nil {
		t.Error(err)
	}
	if err := at("tomorrow", "/quote"); err == nil || !strings.Contains(err.Error(), "/data/unseal_at") {
		t.Errorf("no instant: %v", err)
	}
	if err := at("2026-12-01T10:00:00+01:00"); err == nil || !strings.Contains(err.Error(), "/data/unseal_at: says when to unseal, but nothing is sealed") {
		t.Errorf("nothing sealed: %v", err)
	}
}

func TestServersAloneUnseal(t *testing.T) {
	disclosed := events.Disclosure{Pointer: "/quote", Salt: strings.Repeat("A", 43), Value: jsontext.Value(`"a quote"`)}
	unsealed := fmt.Sprintf(`{"source":"/desks/a","type":"fact.unsealed","subject":"person/p","data":{"target":"0198a9f2-7c1e-7000-8000-000000000001",
		"reason":"the embargo is over","disclosures":[{"pointer":%q,"salt":%q,"value":%s}]}}`, disclosed.Pointer, disclosed.Salt, disclosed.Value)
	if _, err := events.Submit([]byte(unsealed), "s"); err == nil || !strings.Contains(err.Error(), "/type: fact.unsealed is recorded by the server itself") {
		t.Errorf("%v", err)
	}
	copied := strings.Replace(unsealed, `"type"`, `"recordedtime":"2026-11-30T10:00:00Z","type"`, 1)
	if e, err := events.Submit([]byte(copied), "s"); err != nil || !e.Copied {
		t.Errorf("taken over from elsewhere: %v", err)
	}
	short := strings.Replace(copied, disclosed.Salt, "AAAA", 1)
	if _, err := events.Submit([]byte(short), "s"); err == nil || !strings.Contains(err.Error(), "/data/disclosures/0: the salt of /quote is not 32 bytes") {
		t.Errorf("a short salt: %v", err)
	}
}
