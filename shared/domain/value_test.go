package domain_test

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "keyturn/shared/domain"
)

func TestRatesRoundHalfUpOnce(t *testing.T) {
	for _, c := range []struct {
		rate   BasisPoints
		amount Fen
		want   Fen
	}{
		{1500, 81_250, 12_188}, // 12187.5
		{1500, 81_249, 12_187}, // 12187.35
		{1, 5_000, 1},          // 0.5
		{1, 4_999, 0},
		{1, 15_000, 2}, // 1.5
		{10_000, 7, 7},
		{0, 7, 0},
		{300, 0, 0},
		// A credit is the charge with the other sign, so that the two cancel.
		{1500, -81_250, -12_188},
		{-1500, 81_250, -12_188},
		{-1500, -81_250, 12_188},
		// Far beyond what a contract holds, and still exact.
		{10_000, 900_000_000_000_000, 900_000_000_000_000},
		{5_000, math.MaxInt64, math.MaxInt64/2 + 1},
		{1500, 1 << 61, 345_876_451_382_054_093}, // 2^61 × 0.15 = …092.8
	} {
		if got := c.rate.Of(c.amount); got != c.want {
			t.Errorf("%d bp of %d fen = %d, want %d", c.rate, c.amount, got, c.want)
		}
	}
}

// The share is what exact arithmetic gives, for every amount and every rate up
// to 100 %.
func TestRatesAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Int64Range(0, 10_000).Draw(t, "rate")
		amount := rapid.Int64Range(0, math.MaxInt64).Draw(t, "amount")
		exact := new(big.Int).Mul(big.NewInt(amount), big.NewInt(rate))
		exact.Add(exact, big.NewInt(5_000)).Div(exact, big.NewInt(10_000))
		if got := BasisPoints(rate).Of(Fen(amount)); int64(got) != exact.Int64() {
			t.Fatalf("%d bp of %d = %d, want %s", rate, amount, got, exact)
		}
		if got := BasisPoints(rate).Of(Fen(-amount)); int64(got) != -exact.Int64() {
			t.Fatalf("%d bp of −%d = %d, want −%s", rate, amount, got, exact)
		}
	})
}

func TestYuan(t *testing.T) {
	for amount, want := range map[Fen]string{0: "0.00", 5: "0.05", 123_456: "1234.56", -5: "-0.05", -123_400: "-1234.00", 900_000_000_000_000: "9000000000000.00"} {
		if got := amount.Yuan(); got != want {
			t.Errorf("%d fen = %s, want %s", amount, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	for text, ok := range map[string]bool{
		"2026-09-30": true, "": true, "2024-02-29": true, "0001-01-01": true,
		"2026-02-29": false, "2026-9-30": false, "2026-09-31": false, "26-09-30": false, "2026-09-30 ": false, "2026/09/30": false, "today": false,
	} {
		d, err := ParseDate(text)
		if ok && (err != nil || string(d) != text) || !ok && !errors.Is(err, ErrBadDate) {
			t.Errorf("%q: %q, %v", text, d, err)
		}
	}
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from Date
		n    int
		want Date
	}{
		{"2026-01-31", 1, "2026-02-28"},
		{"2024-01-31", 1, "2024-02-29"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2020-01-01", 60, "2025-01-01"}, // the vector of domain spec 3.6
		{"2024-06-01", 36, "2027-06-01"},
		{"2026-12-15", 1, "2027-01-15"},
		{"2026-03-31", -1, "2026-02-28"},
		{"2026-01-15", -13, "2024-12-15"},
		{"2026-05-31", 0, "2026-05-31"},
		{"", 12, ""},
		{"soon", 12, "soon"},
	} {
		if got := c.from.AddMonths(c.n); got != c.want {
			t.Errorf("%s %+d months = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestAddDays(t *testing.T) {
	for _, c := range []struct {
		from Date
		n    int
		want Date
	}{{"2026-02-28", 1, "2026-03-01"}, {"2024-02-28", 1, "2024-02-29"}, {"2026-01-01", -1, "2025-12-31"}, {"", 5, ""}} {
		if got := c.from.AddDays(c.n); got != c.want {
			t.Errorf("%s %+d days = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

// A day begins when it does in the project's zone.
func TestDateOfAZone(t *testing.T) {
	east := time.FixedZone("east", 8*3600)
	night := time.Date(2026, 9, 26, 17, 0, 0, 0, time.UTC)
	if got := DateOf(night, east); got != "2026-09-27" {
		t.Errorf("%s", got)
	}
	if got := DateOf(night, time.UTC); got != "2026-09-26" {
		t.Errorf("%s", got)
	}
	if start, ok := Date("2026-09-27").Midnight(east); !ok || !start.Equal(time.Date(2026, 9, 26, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("%v %v", start, ok)
	}
	if _, ok := Date("").Midnight(east); ok {
		t.Error("an unknown date has a midnight")
	}
}

func TestInstants(t *testing.T) {
	i := At(time.Date(2026, 9, 26, 1, 2, 3, 4_999_999, time.UTC))
	if !i.Set() || Instant(0).Set() {
		t.Error("0 alone is not yet")
	}
	if got := i.Time(); !got.Equal(time.Date(2026, 9, 26, 1, 2, 3, 4_000_000, time.UTC)) {
		t.Errorf("%s", got)
	}
	if got := i.Add(90 * time.Second).Sub(i); got != 90*time.Second {
		t.Errorf("%s", got)
	}
}

func TestBecause(t *testing.T) {
	r := Because("reason.x", "a", "1", "b", "2", "lonely")
	if r.Key != "reason.x" || len(r.Args) != 2 || r.Args["a"] != "1" || r.Args["b"] != "2" {
		t.Errorf("%+v", r)
	}
	if plain := Because("reason.y"); plain.Args != nil {
		t.Errorf("%+v", plain)
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2026-09-30", "", "2026-02-30", "9999-12-31", "２０２６-09-30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDate(s)
		if err != nil {
			if d != "" || !errors.Is(err, ErrBadDate) {
				t.Errorf("%q: %q, %v", s, d, err)
			}
			return
		}
		at, ok := d.Midnight(time.UTC)
		if s != "" && (!ok || DateOf(at, time.UTC) != d) {
			t.Errorf("%q does not round trip", s)
		}
	})
}
