package desk

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"

	"keyturn/app/conflict"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// reviewPage is the page; only its label while it is not open.
func (d *Desk) reviewPage(ctx context.Context, n *snapshot, w writer, v view) (out Reviews, shown map[string]Blob, err error) {
	out.Label, out.Waiting = w.Text("desk.review.title"), n.reviews.count > 0
	if out.Waiting {
		out.Label = w.Text("desk.review.tab", "count", strconv.Itoa(n.reviews.count))
	}
	if v.section != SectionReviews {
		return out, nil, nil
	}
	d.mu.Lock()
	in := d.inbox
	d.mu.Unlock()
	online := d.Connection.Status().Online
	p := reviewWriter{desk: d, n: n, w: w, online: online, shown: map[string]Blob{}}
	err = d.Store.View(ctx, func(t Snapshot) error {
		out.Senders, err = p.senders(ctx, t, in.groups)
		return err
	})
	switch {
	case !online:
		out.Notice, out.NoticeTone = w.Text("desk.review.offline", "count", strconv.Itoa(n.reviews.count)), ToneWarn
	case in.err != nil:
		out.Notice, out.NoticeTone = w.Text("desk.review.failed", "why", why(w, in.err)), ToneBad
	case in.reading && len(in.groups) == 0:
		out.Notice, out.NoticeTone = w.Text("desk.review.reading"), TonePending
	case len(in.groups) == 0 && in.of != "":
		out.Empty = w.Text("desk.review.none")
	}
	if in.more {
		out.More = w.Text("desk.review.more")
	}
	return out, p.shown, err
}

// reviewWriter puts the inbox into words.
type reviewWriter struct {
	desk   *Desk
	n      *snapshot
	w      writer
	online bool
	// shown are the photos, by id.
	shown map[string]Blob
}

// senders gathers what waits by who sent it and why it is in review.
func (p reviewWriter) senders(ctx context.Context, t Snapshot, groups []reviewed) (list []Sender, err error) {
	ids := map[string][]ReviewID{}
	known := &alsoSaid{Snapshot: t, said: map[recordName]syncproto.Fields{}}
	for _, g := range groups {
		key := joined("/", g.Device.String(), g.Actor.String(), string(g.Code))
		i := slices.IndexFunc(list, func(s Sender) bool { return s.Key == key })
		if i < 0 {
			i = len(list)
			list = append(list, Sender{Key: key, Title: p.sender(g), Why: p.w.inReviewFor(g.Code)})
		}
		card, err := p.card(ctx, known, g)
		if err != nil {
			return nil, err
		}
		list[i].Cards, ids[key] = append(list[i].Cards, card), append(ids[key], g.id())
	}
	for i, s := range list {
		if len(s.Cards) > 1 {
			list[i].Actions = p.desk.reviewActions(p.w, p.online, ids[s.Key]...)
		}
	}
	return list, nil
}

func (p reviewWriter) sender(g reviewed) string {
	project := ""
	if s := p.n.sites[g.project]; s != nil && len(p.n.projects) > 1 {
		project = s.project.Name
	}
	return joined(" · ", cmp.Or(g.Person, p.w.Text("desk.person.unknown")), cmp.Or(g.DeviceName, p.w.Text("desk.review.unnamed_device")), project)
}

// alsoSaid is what the device knows with what the work in review says so far: a
// correction may be about a record that waits itself.
type alsoSaid struct {
	Snapshot

	said map[recordName]syncproto.Fields
}

type recordName struct {
	entity domain.Entity
	id     domain.AnyID
}

func (s *alsoSaid) Get(ctx context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	said, waits := s.said[recordName{e, id}]
	held, ok, err := s.Snapshot.Get(ctx, e, id)
	if err != nil || !waits {
		return held, ok, err
	}
	all := maps.Clone(said)
	maps.Copy(all, held) // what is known counts
	return all, true, nil
}

func (s *alsoSaid) add(op syncproto.Op) {
	name := recordName{op.Entity, op.ID}
	all := maps.Clone(s.said[name])
	if all == nil {
		all = syncproto.Fields{}
	}
	maps.Copy(all, op.Fields)
	s.said[name] = all
}

func (p reviewWriter) card(ctx context.Context, t *alsoSaid, g reviewed) (ReviewCard, error) {
	w := p.w
	if s := p.n.sites[g.project]; s != nil {
		w = w.in(s.zone)
	}
	c := ReviewCard{
		Key:  g.id().String(),
		When: w.Text("desk.review.when", "captured", w.Time(g.CapturedAt), "received", w.Time(g.ReceivedAt)), Actions: p.desk.reviewActions(p.w, p.online, g.id()),
	}
	words := p.n.conflictWords(t, w)
	var about domain.AnyID // what the photos show
	for _, op := range g.Ops {
		if op.Entity == domain.EntityAttachment && op.Kind == syncproto.Recorded {
			if p.photo(&c, g, op) {
				about = op.Fields.Parent()
				continue
			}
		}
		line, err := p.line(ctx, t, w, words, op)
		if err != nil {
			return c, err
		}
		t.add(op)
		c.Lines = append(c.Lines, line)
	}
	if len(c.Lines) == 0 && !about.IsZero() {
		line, err := p.shows(ctx, t, w, words, about)
		if err != nil {
			return c, err
		}
		c.Lines = append(c.Lines, line)
	}
	if missing := slices.DeleteFunc(slices.Clone(g.Blobs), func(b syncproto.ReviewBlob) bool { return b.Held }); len(missing) > 0 {
		c.More = append(c.More, w.Text("desk.review.photos_missing", "count", strconv.Itoa(len(missing))))
	}
	if rest := int(g.Last-g.First) + 1 - len(g.Ops); rest > 0 {
		c.More = append(c.More, w.Text("desk.review.ops_more", "count", strconv.Itoa(rest)))
	}
	return c, nil
}

// shows says of photos without anything else what they are of.
func (p reviewWriter) shows(ctx context.Context, t *alsoSaid, w writer, words conflict.Words, about domain.AnyID) (ReviewLine, error) {
	line := ReviewLine{What: w.Text("field.entity.attachment")}
	for _, e := range []domain.Entity{domain.EntityDefect, domain.EntityResult} {
		if _, ok, err := t.Get(ctx, e, about); err != nil {
			return line, err
		} else if !ok {
			continue
		}
		told, err := words.Told(ctx, t, syncproto.Op{Entity: e, ID: about, Kind: syncproto.Recorded})
		line.What, line.Where = joined(" · ", line.What, told.Title), told.Where
		return line, err
	}
	return line, nil
}

func (p reviewWriter) line(ctx context.Context, t Snapshot, w writer, words conflict.Words, op syncproto.Op) (line ReviewLine, err error) {
	told, err := words.Told(ctx, t, op)
	line = ReviewLine{What: told.Title, Where: told.Where}
	entity := w.Text("field.entity." + op.Entity.String())
	if told.Title != entity {
		line.What = joined(" · ", entity, told.Title)
	}
	if kind, ok := reviewKinds[op.Kind]; ok {
		line.What = joined(" · ", w.Text("desk.review.kind."+kind), line.What)
	}
	if op.Kind == syncproto.Commanded {
		if cmd, err := syncproto.Decode[syncproto.Command](op.Fields); err == nil {
			line.Facts = append(line.Facts, Fact{Label: w.Text("desk.review.command"), Value: w.action(op.Entity, cmd.Action), Reason: cmd.Note})
		}
	}
	for _, f := range told.Facts {
		if f.Value == told.Title {
			continue // the heading says it
		}
		line.Facts = append(line.Facts, Fact{Label: f.What, Value: clipped(f.Value)})
	}
	return line, err
}

// clipped bounds a text that nobody vouches for.
func clipped(text string) string {
	const most = 600
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// reviewKinds are the kinds of op that are worth a word: most work is new.
var reviewKinds = map[syncproto.Kind]string{
	syncproto.Amended: "amended", syncproto.Withdrawn: "withdrawn", syncproto.Commanded: "commanded",
}

// photo adds a picture to the card; it is false for what is none. The working
// copy is shown where the server has it, else the original.
func (p reviewWriter) photo(c *ReviewCard, g reviewed, op syncproto.Op) bool {
	a, err := syncproto.Decode[domain.Attachment](op.Fields)
	if err != nil || a.Kind != domain.KindPhoto && a.Kind != domain.KindSignature && a.Kind != "" || a.SHA256.IsZero() {
		return false
	}
	held := func(sha domain.Hash) bool {
		return !sha.IsZero() && slices.Contains(g.Blobs, syncproto.ReviewBlob{SHA256: sha, Held: true})
	}
	b := Blob{Original: a.SHA256, Review: g.id()}
	if held(a.WorkSHA256) {
		b.Work = a.WorkSHA256
	}
	id := "review/" + c.Key + "/" + op.ID.String()
	state := PhotoMissing
	if here := p.desk.Files.Has(b); here || p.online && (held(a.SHA256) || held(a.WorkSHA256)) {
		state = PhotoHere
	}
	p.shown[id] = b
	c.Photos = append(c.Photos, Photo{ID: id, State: state, Caption: p.w.Time(a.CapturedAt)})
	return true
}

// inReviewFor says why something is in review.
func (w writer) inReviewFor(code syncproto.Code) string {
	if key := "desk.review.why." + string(code); w.Texts.Has(w.Locale, key) {
		return w.Text(key)
	}
	return w.known("desk.refused.", string(code))
}
