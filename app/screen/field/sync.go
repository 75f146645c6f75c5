package field

import (
	"context"
	"fmt"
	"strings"
)

// SyncState is how much of this device's work the server has confirmed.
type SyncState struct {
	Headline string
	Tone     Tone
	// Confirmed of All are records and photos together.
	Confirmed, All int
	Sum            string
	Records        string
	Photos         string
	Behind         string
	Link           LinkLine
	Attention      []AttentionLine
	Receipt        []ReceiptLine
	// More counts the receipt's lines that are not in Receipt.
	More string
	// SavedAs says where the receipt was stored.
	SavedAs string
	Signed  SignedLine
	Export  ExportLine
}

// AttentionLine is an op that the server did not take as it came.
type AttentionLine struct{ What, Why, Next string }

// ReceiptLine is one record or photo with its fate.
type ReceiptLine struct {
	What, ID string
	Tone     Tone
	State    string
}

// receiptShown bounds the lines on the screen; the file has all of them.
const receiptShown = 40

// Badge shows in a corner of every screen how much the server has confirmed.
type Badge struct{ *screen[SyncBadge] }

// Badge opens the corner.
func (s *Session) Badge() *Badge { return &Badge{newScreen(s, s.syncBadge)} }

// Sync shows and pushes the exchange with the server.
type Sync struct {
	*screen[SyncState]
	savedAs string
}

// Sync opens the screen.
func (s *Session) Sync() *Sync {
	m := &Sync{}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Sync) state(ctx context.Context) (st SyncState, err error) {
	p, err := m.device.Outbox.Progress(ctx)
	if err != nil {
		return st, err
	}
	r := m.read()
	st = SyncState{Link: m.linkLine(), Confirmed: p.RecordsConfirmed + p.PhotosConfirmed, All: p.Records + p.Photos, SavedAs: m.savedAs}
	st.Sum = fmt.Sprintf("%d/%d", st.Confirmed, st.All)
	st.Records = r.Text("field.sync.records", "confirmed", decimal(p.RecordsConfirmed), "all", decimal(p.Records))
	st.Photos = r.Text("field.sync.photos", "confirmed", decimal(p.PhotosConfirmed), "all", decimal(p.Photos))
	if p.Behind > 0 {
		st.Behind = r.Text("field.sync.behind", "count", decimal(int(p.Behind)))
	}
	switch {
	case st.All == 0:
		st.Tone, st.Headline = ToneNeutral, r.Text("field.sync.nothing")
	case st.Confirmed < st.All:
		st.Tone, st.Headline = TonePending, r.Text("field.sync.waiting", "count", decimal(st.All-st.Confirmed))
	case p.Attention > 0:
		st.Tone, st.Headline = ToneWarn, r.Text("field.sync.attention", "count", decimal(p.Attention))
	default:
		st.Tone, st.Headline = ToneOK, r.Text("field.sync.all_confirmed")
	}
	attention, err := m.device.Outbox.Attention(ctx)
	if err != nil {
		return st, err
	}
	for _, a := range attention {
		st.Attention = append(st.Attention, m.attention(a))
	}
	lines, err := m.receipt(ctx)
	if err != nil {
		return st, err
	}
	if len(lines) > receiptShown {
		st.More = r.Text("field.sync.more", "count", decimal(len(lines)-receiptShown))
		lines = lines[len(lines)-receiptShown:]
	}
	st.Receipt, st.Signed, st.Export = lines, m.signed(ctx, p), m.exportLine(p)
	return st, nil
}

// attention explains one op; details are keys of guards or names.
func (m *Sync) attention(a Attention) AttentionLine {
	r := m.read()
	line := AttentionLine{
		What: r.Text("field.entity." + a.Op.Entity.String()), Why: m.codeText(string(a.Code)),
		Next: r.Text("field.sync.next_rejected"),
	}
	if a.State == OpInReview {
		line.Why, line.Next = r.Text("field.sync.in_review"), r.Text("field.sync.next_review")
	}
	for _, d := range a.Details {
		line.Why += r.Text("field.reading.join") + r.Text(d)
	}
	return line
}

func opState(s OpState) (Tone, string) {
	switch s {
	case OpWaiting:
		return TonePending, "waiting"
	case OpRejected:
		return ToneBad, "rejected"
	case OpInReview:
		return ToneWarn, "in_review"
	default:
		return ToneOK, "confirmed"
	}
}

// receipt lists every record and photo of this device with its fate.
func (m *Sync) receipt(ctx context.Context) ([]ReceiptLine, error) {
	sent, err := m.device.Outbox.Sent(ctx)
	if err != nil {
		return nil, err
	}
	photos, err := m.device.Outbox.SentPhotos(ctx)
	if err != nil {
		return nil, err
	}
	r := m.read()
	lines := make([]ReceiptLine, 0, len(sent)+len(photos))
	for _, op := range sent {
		tone, state := opState(op.State)
		lines = append(lines, ReceiptLine{
			What: r.Text("field.sync.op", "seq", fmt.Sprint(op.Op.Seq), "what", r.Text("field.entity."+op.Op.Entity.String())),
			ID:   op.Op.ID.String(), Tone: tone, State: r.Text("field.op_state." + state),
		})
	}
	for _, p := range photos {
		line := ReceiptLine{What: r.Text("field.sync.photo"), ID: p.SHA256, Tone: TonePending, State: r.Text("field.op_state.waiting")}
		if p.Confirmed {
			line.Tone, line.State = ToneOK, r.Text("field.op_state.confirmed")
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// Now asks for a connection at once, and for a receipt of what is confirmed.
func (m *Sync) Now() {
	m.do(func(context.Context) error {
		m.device.Files.WantReceipt()
		m.device.Line.Connect()
		m.device.Line.Retry()
		return nil
	})
}

// receiptText is the receipt as a text file, for people and for checking.
func (m *Sync) receiptText(ctx context.Context) (string, error) {
	who, err := m.device.Settings.Identity(ctx)
	if err != nil {
		return "", err
	}
	p, err := m.device.Outbox.Progress(ctx)
	if err != nil {
		return "", err
	}
	lines, err := m.receipt(ctx)
	if err != nil {
		return "", err
	}
	r := m.read()
	var b strings.Builder
	fmt.Fprintln(&b, r.Text("field.receipt.title"))
	fmt.Fprintln(&b, r.Text("field.receipt.device", "device", who.Device.String(), "person", who.PersonName, "server", who.Server))
	fmt.Fprintln(&b, r.Text("field.receipt.time", "time", r.Time(m.device.Records.Now())))
	fmt.Fprintln(&b, r.Text("field.receipt.sum", "records", fmt.Sprintf("%d/%d", p.RecordsConfirmed, p.Records), "photos", fmt.Sprintf("%d/%d", p.PhotosConfirmed, p.Photos)))
	for _, l := range lines {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", l.State, l.What, l.ID)
	}
	return b.String(), nil
}

// SaveReceipt stores the receipt as a text file.
func (m *Sync) SaveReceipt() {
	m.do(func(ctx context.Context) error {
		text, err := m.receiptText(ctx)
		if err != nil {
			return err
		}
		path, err := m.device.SaveFile(m.fileName("receipt", ".txt"), []byte(text))
		if err == nil {
			m.savedAs = m.Text("field.sync.saved_as", "path", path)
		}
		return err
	})
}

// CopyReceipt hands the receipt's text to use, such as the clipboard.
func (m *Sync) CopyReceipt(use func(text string)) {
	m.do(func(ctx context.Context) error {
		text, err := m.receiptText(ctx)
		if err == nil {
			use(text)
		}
		return err
	})
}
