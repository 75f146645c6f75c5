package oncore_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/wording"
)

// A server whose certificate nobody vouches for is not called one that cannot be
// reached: the code that the inspector types must not be tried on.
func TestServerThatIsNotToBeTrusted(t *testing.T) {
	s := newSite(t)
	stranger := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(stranger.Close)
	offline := make(chan struct{})
	fresh := &site{t: t, dir: t.TempDir(), changed: func(syncer.Status) { close(offline) }} // once: it tries on in vain
	fresh.open()
	defer func() { must(t, fresh.core.Close(context.WithoutCancel(t.Context()))) }()
	line := oncore.Device(t.Context(), fresh.core, fresh.dir).Line
	var refused *field.Refused
	if err := line.Enrol(t.Context(), stranger.URL, "code", "tablet"); !errors.As(err, &refused) || refused.Code != field.CodeUntrusted {
		t.Fatalf("enrolling: %v", err)
	}
	must(t, fresh.core.Store.SetIdentity(t.Context(), localstore.Identity{
		Server: stranger.URL, Device: ident.Derive[domain.Device]("tablet"), ServerKey: make([]byte, sha256.Size),
	}))
	line.Connect()
	<-offline
	if got := line.Status(); got.Online || got.Code != field.CodeUntrusted {
		t.Errorf("the line is %+v", got)
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
