package desk_test

import (
	"testing"
	"testing/synctest"

	"keyturn/app/screen/desk/desktest"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// The board tells that captured work waits on the server, of all devices.
func TestBoardTellsOfReviews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := desktest.NewDevice(desktest.Opening, desktest.Master()...)
		b := sit(t, d, wording.English)
		if got := b.state().Board.Summary; got != "0 of 0 tickets" {
			t.Errorf("%q", got)
		}
		for i, r := range []domain.Review{{State: domain.ReviewOpen, Waiting: 3}, {State: domain.ReviewOpen, Waiting: 4}, {State: domain.ReviewDone}} {
			d.Add(desktest.Record{Entity: domain.EntityReview, ID: domain.AnyID{byte(i + 1)}, Value: r})
		}
		if got := b.state().Board.Summary; got != "0 of 0 tickets · Captured work waiting for review on the server: 7" {
			t.Errorf("%q", got)
		}
	})
}
