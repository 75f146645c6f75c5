package field

import (
	"context"
	"errors"
	"fmt"
	"io"

	"keyturn/shared/domain"
)

// Files is what a person may carry away from the device.
type Files interface {
	// Receipt is the newest signed receipt; ok is false when there is none yet.
	// An error, a *Refused for one of the known reasons, says why what the server
	// sent since is not believed.
	Receipt(ctx context.Context) (r SignedReceipt, ok bool, err error)
	// WantReceipt asks for a new one as soon as there is a connection.
	WantReceipt()
	// ReceiptFile is the newest receipt as the server signed it.
	ReceiptFile(ctx context.Context) ([]byte, error)
	// Export begins to write what the server has not confirmed.
	Export(ctx context.Context, to io.Writer) (Export, error)
}

// SignedReceipt is the server's signed word for ops From..To of this device.
type SignedReceipt struct {
	SignedAt domain.Instant
	From, To uint64
	// Records and Photos are what the server holds.
	Records, Photos int
	// Server is the fingerprint by which the server is known.
	Server string
}

// ErrNothingToExport says that the server has confirmed everything.
var ErrNothingToExport = errors.New("everything is confirmed by the server")

// Export is a file being written, one photo a step.
type Export interface {
	Step(ctx context.Context) (done bool, err error)
	// Count is what has been written, and how many photos are left or had no
	// sound file.
	Count() (records, photos, left, missing int)
}

// Target is a file that a person chose to write to.
type Target struct {
	io.WriteCloser
	// Name is what the person knows it by.
	Name string
	// Discard deletes a file that was not finished; nil where that cannot be.
	Discard func() error
}

// SignedLine is the newest signed receipt in words.
type SignedLine struct {
	Tone Tone
	Text string
	// Detail names what it covers and the server that signed.
	Detail string
	// FileName is proposed for saving; empty when there is nothing to save.
	FileName string
}

// ExportLine is the way out when there is no network.
type ExportLine struct {
	// FileName is proposed for the file; empty when there is nothing to write.
	FileName string
	// Running: Done of All steps are made.
	Running   bool
	Done, All int
	Sum       string
	Text      string
	// Tone and Result say how the last export ended, empty before.
	Tone   Tone
	Result string
}

// stampLayout is the time in proposed file names.
const stampLayout = "20060102-150405"

func (m *Sync) fileName(kind, ending string) string {
	return "keyturn-" + kind + "-" + m.device.Records.Now().Time().In(m.read().Zone).Format(stampLayout) + ending
}

// signed is green only when the receipt covers all that was recorded here.
func (m *Sync) signed(ctx context.Context, p Progress) SignedLine {
	r := m.read()
	held, ok, err := m.device.Files.Receipt(ctx)
	switch {
	case err != nil:
		line := SignedLine{Tone: ToneBad, Text: r.Text("field.signed.refused"), Detail: m.problemOf(err).Happened}
		if ok { // an earlier one is good still
			line.FileName = m.fileName("receipt", ".receipt")
		}
		return line
	case !ok:
		return SignedLine{Tone: ToneNeutral, Text: r.Text("field.signed.none")}
	}
	tone := ToneOK
	if held.To < uint64(p.Records) {
		tone = ToneInfo
	}
	return SignedLine{
		Tone: tone, Text: r.Text("field.signed.at", "time", r.Time(held.SignedAt)), FileName: m.fileName("receipt", ".receipt"),
		Detail: r.Text("field.signed.covers", "from", fmt.Sprint(held.From), "to", fmt.Sprint(held.To), "records", decimal(held.Records),
			"photos", decimal(held.Photos), "server", held.Server[:min(len(held.Server), fingerprint)]),
	}
}

// fingerprint is how much of a server's name people compare, in digits.
const fingerprint = 16

// SaveSigned writes the signed receipt where a person chose.
func (m *Sync) SaveSigned(to Target) {
	m.do(func(ctx context.Context) error {
		file, err := m.device.Files.ReceiptFile(ctx)
		if err == nil {
			_, err = to.Write(file)
		}
		if err = errors.Join(err, to.Close()); err != nil {
			return errors.Join(err, discard(to))
		}
		m.savedAs = m.Text("field.sync.saved_as", "path", to.Name)
		return nil
	})
}

func discard(to Target) error {
	if to.Discard == nil {
		return nil
	}
	return to.Discard()
}

// exporting is an export in progress. The session's goroutine makes one step
// after the other between everything else, whatever screen is in sight. When the
// session ends before it does, its file has no end, which its reader sees.
type exporting struct {
	to   Target
	file Export
	all  int
	stop bool
}

// Export writes what the server has not confirmed into the file that a person
// chose.
func (m *Sync) Export(to Target) {
	m.do(func(ctx context.Context) error {
		if m.export != nil {
			return errors.Join(to.Close(), discard(to)) // one at a time
		}
		m.exported = ExportLine{}
		file, err := m.device.Files.Export(ctx, to)
		if errors.Is(err, ErrNothingToExport) {
			m.exported = ExportLine{Tone: ToneOK, Result: m.Text("field.export.nothing")}
			err = nil
		}
		if file == nil {
			return errors.Join(err, to.Close(), discard(to))
		}
		_, _, left, _ := file.Count()
		m.export = &exporting{to: to, file: file, all: left + 1} // and the end
		m.post(m.step)
		return nil
	})
}

// StopExport gives up; the unfinished file is deleted.
func (m *Sync) StopExport() {
	m.do(func(context.Context) error {
		if m.export != nil {
			m.export.stop = true
		}
		return nil
	})
}

// shownSteps is after how many steps the screens show the progress.
const shownSteps = 16

func (m *Sync) step(ctx context.Context) {
	x := m.export
	done, err := false, error(nil)
	if !x.stop {
		done, err = x.file.Step(ctx)
	}
	if !done && !x.stop && err == nil {
		if _, _, left, _ := x.file.Count(); left%shownSteps == 0 {
			m.reloadAll(ctx)
		}
		m.post(m.step)
		return
	}
	m.export = nil
	if err = errors.Join(err, x.to.Close()); err != nil || !done {
		err = errors.Join(err, discard(x.to))
	}
	switch {
	case err != nil:
		m.exported = ExportLine{Tone: ToneBad, Result: m.problemOf(err).Happened}
	case done:
		m.exported = m.result(x)
	default:
		m.exported = ExportLine{Tone: ToneNeutral, Result: m.Text("field.export.stopped")}
	}
	m.reloadAll(ctx)
}

func (m *Sync) result(x *exporting) ExportLine {
	records, photos, _, missing := x.file.Count()
	line := ExportLine{Tone: ToneOK, Result: m.Text("field.export.done", "records", decimal(records), "photos", decimal(photos), "path", x.to.Name)}
	if missing > 0 {
		line.Tone = ToneWarn
		line.Result += m.Text("field.reading.join") + m.Text("field.export.missing", "count", decimal(missing))
	}
	return line
}

// exportLine is what the page shows of it; p counts what is confirmed.
func (m *Sync) exportLine(p Progress) ExportLine {
	line := m.exported
	if x := m.export; x != nil {
		_, _, left, _ := x.file.Count()
		line.Running, line.All, line.Done = true, x.all, x.all-1-left
		line.Sum, line.Text = decimal(line.Done)+"/"+decimal(line.All), m.Text("field.export.running")
		return line
	}
	if p.RecordsConfirmed+p.PhotosConfirmed < p.Records+p.Photos {
		line.FileName = m.fileName("bundle", ".bundle")
	}
	line.Text = m.Text("field.export.why")
	return line
}
