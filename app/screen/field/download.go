package field

import (
	"context"
	"strconv"

	"keyturn/shared/domain"
)

// DownloadState is how far the first download has come.
type DownloadState struct {
	Done, Total int
	Records     string
	Pictures    string
	// Finished: everything for work without a network is here.
	Finished bool
	// Usable: enough is here to begin.
	Usable bool
	Paused bool
	Link   LinkLine
}

// Download shows the first download.
type Download struct {
	*screen[DownloadState]
	paused bool
}

// Download opens the screen.
func (s *Session) Download() *Download {
	m := &Download{}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Download) state(ctx context.Context) (DownloadState, error) {
	st := DownloadState{Paused: m.paused, Link: m.linkLine()}
	p, err := m.device.Outbox.Progress(ctx)
	if err != nil {
		return st, err
	}
	have, missing := 0, 0
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		wanted, err := snap.Wanted(ctx)
		for _, sha := range unique(wanted) {
			if m.device.Pictures.Has(Picture{Blob: sha}) {
				have++
			} else {
				missing++
			}
		}
		return err
	})
	records, all := int(p.Have), int(p.Have+p.Behind)
	if link := m.device.Line.Status(); link.Fetching {
		records += int(p.Behind) * link.Percent / 100 // on disk, and applied when all of it is
	}
	st.Done, st.Total = records+have, all+have+missing
	st.Records = m.Text("field.download.records", "have", strconv.Itoa(records), "total", strconv.Itoa(all))
	st.Pictures = m.Text("field.download.pictures", "have", strconv.Itoa(have), "total", strconv.Itoa(have+missing))
	st.Usable = p.Have > 0
	st.Finished = st.Usable && p.Behind == 0 && missing == 0
	return st, err
}

// Pause stops the download; what is here stays.
func (m *Download) Pause() {
	m.do(func(context.Context) error {
		m.paused = true
		m.device.Line.Disconnect()
		return nil
	})
}

// Resume goes on where it stopped.
func (m *Download) Resume() {
	m.do(func(context.Context) error {
		m.paused = false
		m.device.Line.Connect()
		m.device.Line.Retry()
		return nil
	})
}

// Begin goes to work; what is missing comes in the background.
func (m *Download) Begin() {
	m.do(func(context.Context) error {
		if m.paused {
			m.paused = false
			m.device.Line.Connect()
		}
		m.goTo(Route{Place: PlaceHome, Root: true})
		return nil
	})
}

// LinkLine is the connection in words.
type LinkLine struct {
	Online bool
	Tone   Tone
	Text   string
	// Refused explains that the server does not let this device in until it is
	// enrolled again; nil otherwise.
	Refused *Problem
}

func (s *Session) linkLine() LinkLine {
	link := s.device.Line.Status()
	switch {
	case link.Online && link.Fetching:
		return LinkLine{Online: true, Tone: TonePending, Text: s.Text("field.link.fetching", "percent", strconv.Itoa(link.Percent))}
	case link.Online:
		return LinkLine{Online: true, Tone: ToneOK, Text: s.Text("field.link.online")}
	case link.Code == "":
		return LinkLine{Tone: ToneNeutral, Text: s.Text("field.link.none")}
	case link.Code == CodeUnreachable:
		return LinkLine{Tone: TonePending, Text: s.Text("field.link.unreachable")}
	case link.Code == CodeUntrusted:
		return LinkLine{Tone: ToneBad, Text: s.Text("field.link.untrusted")}
	default:
		line := LinkLine{Tone: ToneBad, Text: s.Text("field.link.refused", "reason", s.codeText(link.Code))}
		if link.shutOut() {
			line.Refused = &Problem{Happened: s.Text("field.refused.happened"), Safe: s.Text("field.refused.safe"), Next: s.Text("field.refused.next")}
		}
		return line
	}
}

func unique(hashes []domain.Hash) []domain.Hash {
	seen := map[domain.Hash]bool{}
	var all []domain.Hash
	for _, h := range hashes {
		if !seen[h] {
			seen[h] = true
			all = append(all, h)
		}
	}
	return all
}
