package events

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheMiddleOfALongInterval(t *testing.T) {
	for _, row := range [][3]string{
		{"1800-01-01T00:00:00Z", "2200-01-01T00:00:00Z", "2000-01-01T12:00:00Z"}, // 146,097 days, half of which is 73,048.5
		{"1800-01-01T00:00:00Z", "2200-12-31T23:59:59.999999999Z", "2000-07-01T23:59:59.999999999Z"},
		{"2025-08-15T00:00:00Z", "2025-08-15T00:00:00.000000003Z", "2025-08-15T00:00:00.000000001Z"},
		{"2025-08-15T00:00:00.9Z", "2025-08-15T00:00:02.1Z", "2025-08-15T00:00:01.5Z"},
	} {
		var at [3]Instant
		for i, text := range row {
			var err error
			if at[i], err = ParseInstant(text); err != nil {
				t.Fatal(err)
			}
		}
		if got, ok := (Moment{Earliest: at[0], Latest: at[1]}).Key(); !ok || !got.Equal(at[2].Time) {
			t.Errorf("the middle of %s and %s is %s, want %s", at[0], at[1], got.UTC().Format(time.RFC3339Nano), at[2])
		}
	}
}

func TestTheMiddleIsExact(t *testing.T) {
	first, last := time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(2200, 12, 31, 23, 59, 59, 0, time.UTC).Unix()
	instant := rapid.Custom(func(t *rapid.T) time.Time {
		return time.Unix(rapid.Int64Range(first, last).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
	})
	nanos := func(x time.Time) *big.Int {
		n := new(big.Int).Mul(big.NewInt(x.Unix()), big.NewInt(1e9))
		return n.Add(n, big.NewInt(int64(x.Nanosecond())))
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := instant.Draw(t, "a"), instant.Draw(t, "b")
		if b.Before(a) {
			a, b = b, a
		}
		half := new(big.Int).Add(nanos(a), nanos(b))
		half.Rsh(half, 1)
		if got := nanos(middle(a, b)); got.Cmp(half) != 0 {
			t.Fatalf("%s, want %s", got, half)
		}
	})
}
