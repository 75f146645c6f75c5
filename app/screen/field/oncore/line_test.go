package oncore_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/shared/wording"
)

// A server whose certificate nobody vouches for is not called one that cannot be
// reached: the code that the inspector types must not be tried on.
func TestServerThatIsNotToBeTrusted(t *testing.T) {
	s := newSite(t)
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(stranger.Close)
	fresh := &site{t: t, dir: t.TempDir()}
	fresh.open()
	defer func() { must(t, fresh.core.Close(context.WithoutCancel(t.Context()))) }()
	err := oncore.Device(t.Context(), fresh.core, fresh.dir).Line.Enrol(t.Context(), stranger.URL, "code", "tablet")
	var refused *field.Refused
	if !errors.As(err, &refused) || refused.Code != field.CodeUntrusted {
		t.Fatalf("enrolling: %v", err)
	}
	device := oncore.Device(t.Context(), s.core, s.dir)
	device.Line = &strange{Line: device.Line}
	session, err := field.NewSession(t.Context(), device, wording.English)
	must(t, err)
	defer session.Close()
	session.Navigate(s)
	home := session.Home()
	for locale, want := range map[string]string{
		wording.English: "Offline: the server that answers cannot prove that it is yours",
		wording.Chinese: "离线：无法确认应答的是本公司的服务器",
	} {
		session.SetLocale(locale)
		if link := now(s, home).Link; link.Tone != field.ToneBad || link.Text != want {
			t.Errorf("%+v", link)
		}
	}
}

// strange is a line on which such a server answers.
type strange struct{ field.Line }

func (*strange) Status() field.Link { return field.Link{Code: field.CodeUntrusted} }
