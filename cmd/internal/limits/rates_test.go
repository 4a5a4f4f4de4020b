package limits

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

func rates(t *testing.T, text string, spare bool) *Rates {
	t.Helper()
	each, err := ParseRate(text)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewRates(each, spare)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func from(a string) Client { return Client{Address: netip.MustParseAddr(a)} }

func TestARateIsRead(t *testing.T) {
	for text, want := range map[string]float64{"100/s": 100, "60/m": 1, "1/m": 1. / 60, "100": 0, "0/s": 0, "-1/s": 0, "1/h": 0, "": 0, "x/s": 0, "1000001/s": 0, "1/s/s": 0} {
		got, err := ParseRate(text)
		if float64(got) != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func TestTooMuchIsRefusedUntilItIsNot(t *testing.T) {
	r := rates(t, "2/s", false)
	who := from("192.0.2.1")
	for n := range 20 {
		v := r.Ask(who, start)
		if want := fmt.Sprintf(`"address";r=%d;t=%d`, 19-n, (n+2)/2); !v.Allowed || v.Policy != `"address";q=20;w=10` || v.State != want {
			t.Fatalf("request %d: %+v, want %s", n, v, want)
		}
	}
	if v := r.Ask(who, start); v.Allowed || v.Wait != 1 || v.State != `"address";r=0;t=10` {
		t.Errorf("one too many: %+v", v)
	}
	if v := r.Ask(from("192.0.2.2"), start); !v.Allowed {
		t.Errorf("another address: %+v", v)
	}
	if v := r.Ask(Client{Token: "anna", Address: who.Address}, start); !v.Allowed || v.Policy != `"token";q=20;w=10` {
		t.Errorf("a token at that address: %+v", v)
	}
	if v := r.Ask(who, start.Add(time.Second)); !v.Allowed {
		t.Errorf("a second later: %+v", v)
	}
	slow := rates(t, "1/m", false)
	if v := slow.Ask(who, start); !v.Allowed {
		t.Error(v)
	}
	if v := slow.Ask(who, start); v.Allowed || v.Wait != 60 {
		t.Errorf("once a minute: %+v", v)
	}
}

func TestAHouseholdIsOneAddress(t *testing.T) {
	r := rates(t, "1/m", true)
	for _, c := range []struct {
		address string
		allowed bool
	}{
		{"2001:db8::1", true},
		{"2001:db8::ffff:1", false},
		{"2001:db8:0:1::1", true},
		{"192.0.2.1", true},
		{"::ffff:192.0.2.1", false},
		{"192.0.2.2", true},
		{"127.0.0.1", true},
		{"127.0.0.1", true},
		{"::1", true},
		{"::1", true},
	} {
		if v := r.Ask(from(c.address), start); v.Allowed != c.allowed {
			t.Errorf("%s: %+v", c.address, v)
		}
	}
	if r = rates(t, "1/m", false); !r.Ask(from("127.0.0.1"), start).Allowed || r.Ask(from("127.0.0.1"), start).Allowed {
		t.Error("this machine is not counted though it is to be")
	}
}

func TestWhatIsRememberedIsBounded(t *testing.T) {
	r := rates(t, "1/s", false)
	for n := range 3 * remembered {
		a := netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
		r.Ask(Client{Address: a}, start)
		r.Ask(Client{Token: a.String()}, start)
	}
	if r.address.Len() != remembered || r.tokens.Len() != remembered {
		t.Errorf("%d addresses and %d tokens are remembered", r.address.Len(), r.tokens.Len())
	}
}
