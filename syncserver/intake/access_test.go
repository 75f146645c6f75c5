package intake_test

import (
	"context"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Who is given personal data or money is written down, once a day, whether the
// stream is named at the beginning or pulled in a session that goes on; what
// everybody on site may read is not.
func TestAccessIsWrittenDown(t *testing.T) {
	const day = 24 * 60 * 60 * 1000
	onBoth(t, func(t *testing.T, w *world) {
		people, office := syncproto.Scope{Project: w.project, Audience: domain.AudiencePeople}, syncproto.Scope{Project: w.project, Audience: domain.AudienceOffice}
		field := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
		written := func(s syncproto.Scope) (list []store.Access) {
			t.Helper()
			w.view(func(ctx context.Context, tx *store.Tx) (err error) {
				list, err = tx.Accesses(ctx, s, 10)
				return err
			})
			return list
		}
		inspector, coordinator := w.inspector("tablet"), w.device("desk", w.person("coordinator", "coordinator"))
		hello(t, w.session(inspector), w.now)
		s := w.session(coordinator)
		began := w.now
		hello(t, s, w.now)
		hello(t, w.session(coordinator), w.now)
		handle[*syncproto.Page](t, s, &syncproto.Pull{Scope: people})
		for scope, want := range map[syncproto.Scope]int{people: 1, office: 1, field: 0} {
			if got := written(scope); len(got) != want {
				t.Errorf("%s: %+v", scope, got)
			}
		}
		w.now += day
		for range 2 {
			handle[*syncproto.Page](t, s, &syncproto.Pull{Scope: people})
			handle[*syncproto.Page](t, s, &syncproto.Pull{Scope: field})
		}
		want := store.Access{Person: coordinator.actor, Device: coordinator.id, Scope: people, At: w.now}
		if got := written(people); len(got) != 2 || got[0] != want || got[1].At != began {
			t.Errorf("the next day: %+v", got)
		}
		if n := len(written(office)); n != 1 {
			t.Errorf("what was not pulled was written down %d times", n)
		}
	})
}
