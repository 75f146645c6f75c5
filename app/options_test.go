package main

import (
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		want options
		ok   bool
	}{
		{"nothing", nil, options{size: fyne.NewSize(1280, 800)}, true},
		{
			"everything",
			[]string{"-data", "d", "-form", "desk", "-server", "http://127.0.0.1:1", "-enrol", "c", "-locale", "en", "-size", "1366x768"},
			options{data: "d", form: formDesk, server: "http://127.0.0.1:1", code: "c", locale: "en", size: fyne.NewSize(1366, 768)},
			true,
		},
		{"no such form", []string{"-form", "phone"}, options{}, false},
		{"no such language", []string{"-locale", "de"}, options{}, false},
		{"a code without a server", []string{"-enrol", "c"}, options{}, false},
		{"no size", []string{"-size", "wide"}, options{}, false},
		{"half a size", []string{"-size", "1280x"}, options{}, false},
		{"no width", []string{"-size", "0x800"}, options{}, false},
		{"an argument", []string{"file"}, options{}, false},
		{"no such flag", []string{"-nope"}, options{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parse(c.args)
			if (err == nil) != c.ok || c.ok && got != c.want {
				t.Errorf("%+v, %v; want %+v, ok %v", got, err, c.want, c.ok)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", "/home/sample/.config")
	for _, c := range []struct {
		name           string
		given          options
		mobile         bool
		form, dataEnds string
	}{
		{"a computer", options{}, false, formDesk, filepath.Join("keyturn", formDesk)},
		{"a phone or tablet", options{}, true, formTablet, filepath.Join("keyturn", formTablet)},
		{"as told", options{form: formTablet, data: "/d"}, false, formTablet, "/d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := c.given
			if err := o.settle(c.mobile); err != nil {
				t.Fatal(err)
			}
			if o.form != c.form || len(o.data) < len(c.dataEnds) || o.data[len(o.data)-len(c.dataEnds):] != c.dataEnds {
				t.Errorf("%+v, want form %s and data ending in %s", o, c.form, c.dataEnds)
			}
		})
	}
}
