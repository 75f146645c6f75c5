package field

import (
	"context"
	"strings"
)

// EnrolState is the first screen of a new device, and that of a device whose
// server does not let it in any more.
type EnrolState struct {
	// Again: the device keeps its identity and what is recorded on it.
	Again bool
	// Server and Name are what the device was enrolled with, as far as it knows.
	Server, Name string
	// Busy while the server is asked.
	Busy bool
	// Missing says what is to be filled in before the server can be asked.
	Missing string
}

// Enrol gives a device its identity by a one-time code, or a new session if it
// has an identity.
type Enrol struct {
	*screen[EnrolState]
	busy    bool
	missing string
}

// nameKey is where the notebook keeps what people call this device.
const nameKey = "enrol/name"

// Enrol opens the screen.
func (s *Session) Enrol() *Enrol {
	m := &Enrol{}
	m.screen = newScreen(s, m.state)
	return m
}

// EnrolAgain leads to where a new code is entered.
func (s *Session) EnrolAgain() { s.Go(Route{Place: PlaceEnrol}) }

func (m *Enrol) state(ctx context.Context) (EnrolState, error) {
	st := EnrolState{Busy: m.busy, Missing: m.missing}
	who, err := m.device.Settings.Identity(ctx)
	if err != nil || who.Device.IsZero() {
		return st, err
	}
	st.Again, st.Server = true, who.Server
	_, err = m.device.Notebook.Kept(ctx, nameKey, &st.Name)
	return st, err
}

// Submit asks the server. It waits for the network on a goroutine of its own,
// so that the app stays usable.
func (m *Enrol) Submit(server, code, name string) {
	m.do(func(ctx context.Context) error {
		if m.busy {
			return nil
		}
		m.missing = m.lacks(server, code, name)
		if m.missing != "" {
			return nil
		}
		before, err := m.state(ctx)
		if err != nil {
			return err
		}
		m.busy = true
		if before.Again {
			m.device.Line.Disconnect() // the attempts with what is refused must not cross this one
		}
		go func() {
			err := m.device.Line.Enrol(ctx, withScheme(server), strings.TrimSpace(code), strings.TrimSpace(name))
			m.do(func(ctx context.Context) error { return m.answered(ctx, before.Again, strings.TrimSpace(name), err) })
		}()
		return nil
	})
}

// answered goes on with what the server said. A device that was enrolled before
// connects again in any case.
func (m *Enrol) answered(ctx context.Context, again bool, name string, err error) error {
	m.busy = false
	if err == nil || again {
		m.device.Line.Connect()
		m.device.Line.Retry()
	}
	switch {
	case err != nil:
		return err
	case !again:
		m.goTo(Route{Place: PlaceDownload, Root: true})
	case m.inSight(): // otherwise the person has gone on already
		m.goBack()
	}
	return m.device.Notebook.Keep(ctx, nameKey, name)
}

func (m *Enrol) lacks(server, code, name string) string {
	for _, field := range [][2]string{{server, "field.enrol.server"}, {code, "field.enrol.code"}, {name, "field.enrol.device"}} {
		if strings.TrimSpace(field[0]) == "" {
			return m.Text("field.enrol.missing", "what", m.Text(field[1]))
		}
	}
	return ""
}

// withScheme completes an address typed without one; a server on the internet
// speaks TLS.
func withScheme(address string) string {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, "://") {
		return "https://" + address
	}
	return address
}
