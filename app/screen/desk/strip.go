package desk

import (
	"context"
	"errors"
	"net"
	"strconv"

	"keyturn/shared/domain"
)

func (d *Desk) strip(n *snapshot, w writer) Strip {
	status := d.Connection.Status()
	s := Strip{Online: status.Online, Refused: status.shutOut(), Server: n.me.Server, Tone: ToneOK, Connection: w.Text("desk.strip.online"), Person: n.me.PersonName, Locale: w.Locale}
	if !status.Online {
		s.Tone, s.Connection, s.Why = ToneWarn, w.Text("desk.strip.offline"), why(w, status.Err)
	}
	if s.Refused {
		s.Tone, s.Connection, s.Why = ToneBad, w.Text("desk.strip.refused"), w.Text("desk.offline.refused")
	}
	if commands, photos := n.progress.RecordsWaiting, n.progress.PhotosWaiting; commands > 0 || photos > 0 {
		s.Waiting = w.Text("desk.strip.waiting", "commands", strconv.Itoa(commands), "photos", strconv.Itoa(photos))
	}
	if n.progress.Behind > 0 {
		s.Loading = w.Text("desk.strip.loading",
			"have", strconv.FormatUint(n.progress.Have, 10), "all", strconv.FormatUint(n.progress.Have+n.progress.Behind, 10))
	}
	s.Attention = n.refusals(w, domain.TicketID{})
	if len(s.Attention) > 0 {
		s.AttentionText = w.Text("desk.strip.attention", "count", strconv.Itoa(len(s.Attention)))
	}
	return s
}

// why says in words why there is no connection.
func why(w writer, err error) string {
	var refused *Refused
	switch {
	case err == nil:
		return w.Text("desk.offline.connecting")
	case errors.Is(err, ErrNotEnrolled):
		return w.Text("desk.offline.not_enrolled")
	case errors.As(err, &refused):
		return w.known("desk.refused.", string(refused.Code))
	}
	return w.Text("desk.offline.network")
}

// Enrol exchanges a new one-time code for a new session of this device, which
// keeps its identity and its work. It blocks; what went wrong is a *Problem.
func (d *Desk) Enrol(ctx context.Context, server, code, name string) error {
	err := d.Connection.Enrol(ctx, server, code, name)
	if err == nil {
		return nil
	}
	w := d.writer(d.Locale())
	text := err.Error()
	var refused *Refused
	var network net.Error
	switch {
	case errors.As(err, &refused), errors.As(err, &network):
		text = why(w, err)
	case d.DiskFull != nil && d.DiskFull(err):
		text = w.Text("desk.problem.disk_full")
	}
	return &Problem{Text: text, Err: err}
}
