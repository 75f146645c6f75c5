package desk

import (
	"errors"
	"testing"

	"keyturn/shared/domain"
)

func TestParseYuan(t *testing.T) {
	for _, c := range []struct {
		text string
		want domain.Fen
		err  error
	}{
		{"812.5", 812_50, nil},
		{"812.50", 812_50, nil},
		{"860", 860_00, nil},
		{" ¥1,234.05 ", 1234_05, nil},
		{"12,345,678.9", 12_345_678_90, nil},
		{"0.01", 1, nil},
		{"0812", 812_00, nil},
		{"８１２．５", 812_50, nil},
		{"￥１，２３４．０５", 1234_05, nil},
		{"0.1", 10, nil}, // 0.1 is no binary fraction: exact all the same
		{"999999999999.99", 99_999_999_999_999, nil},
		{"", 0, ErrNoAmount},
		{"¥", 0, ErrNoAmount},
		{"812.505", 0, ErrTooManyPlaces},
		{"812.500", 0, ErrTooManyPlaces},
		{"1,5", 0, ErrBadAmount},
		{"1,2345", 0, ErrBadAmount},
		{",123", 0, ErrBadAmount},
		{"1234,567", 0, ErrBadAmount},
		{".5", 0, ErrBadAmount},
		{"5.", 0, ErrBadAmount},
		{"1.2.3", 0, ErrBadAmount},
		{"-5", 0, ErrBadAmount},
		{"+5", 0, ErrBadAmount},
		{"1e3", 0, ErrBadAmount},
		{"abc", 0, ErrBadAmount},
		{"0", 0, ErrNotPositive},
		{"0.00", 0, ErrNotPositive},
		{"1000000000000", 0, ErrAmountTooLarge},
	} {
		got, err := ParseYuan(c.text)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%q: %d, %v; want %d, %v", c.text, got, err, c.want, c.err)
		}
	}
}

// FuzzParseYuan: what is accepted is positive and comes out as it went in.
func FuzzParseYuan(f *testing.F) {
	for _, seed := range []string{"812.5", "¥1,234.05", "８１２．５", "0.01", "1,5", "1.2.3", "-5", "999999999999.99", "", "0x10", "٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fen, err := ParseYuan(text)
		if err != nil {
			if fen != 0 {
				t.Errorf("%q: %d beside %v", text, fen, err)
			}
			return
		}
		if fen <= 0 {
			t.Errorf("%q: %d", text, fen)
		}
		if again, err := ParseYuan(fen.Yuan()); err != nil || again != fen {
			t.Errorf("%q: %d, read again %d, %v", text, fen, again, err)
		}
		if again, err := ParseYuan(yuan(fen)); err != nil || again != fen {
			t.Errorf("%q: %d, shown and read again %d, %v", text, fen, again, err)
		}
	})
}

func TestYuan(t *testing.T) {
	for fen, want := range map[domain.Fen]string{
		0: "¥0.00", 5: "¥0.05", 812_50: "¥812.50", 1234_05: "¥1,234.05", 268_000_000_00: "¥268,000,000.00", -934_38: "-¥934.38", -1_000_00: "-¥1,000.00",
	} {
		if got := yuan(fen); got != want {
			t.Errorf("%d: %s, want %s", fen, got, want)
		}
	}
}

func TestReading(t *testing.T) {
	for thousandths, want := range map[int64]string{0: "0", 3500: "3.5", 2750: "2.75", 3000: "3", -1: "-0.001", -12_340: "-12.34"} {
		if got := reading(thousandths); got != want {
			t.Errorf("%d: %s, want %s", thousandths, got, want)
		}
	}
}
