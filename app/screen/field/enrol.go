package field

import (
	"context"
	"strings"
)

// EnrolState is the first screen of a new device.
type EnrolState struct {
	// Busy while the server is asked.
	Busy bool
	// Missing says what is to be filled in before the server can be asked.
	Missing string
}

// Enrol gives a device its identity by a one-time code.
type Enrol struct {
	*screen[EnrolState]
	state EnrolState
}

// Enrol opens the screen.
func (s *Session) Enrol() *Enrol {
	m := &Enrol{}
	m.screen = newScreen(s, func(context.Context) (EnrolState, error) { return m.state, nil })
	return m
}

// Submit asks the server. It waits for the network on a goroutine of its own,
// so that the app stays usable.
func (m *Enrol) Submit(server, code, name string) {
	m.do(func(ctx context.Context) error {
		if m.state.Busy {
			return nil
		}
		m.state.Missing = m.missing(server, code, name)
		if m.state.Missing != "" {
			return nil
		}
		m.state.Busy = true
		go func() {
			err := m.device.Line.Enrol(ctx, withScheme(server), strings.TrimSpace(code), strings.TrimSpace(name))
			m.do(func(context.Context) error {
				m.state.Busy = false
				if err == nil {
					m.device.Line.Connect()
					m.goTo(Route{Place: PlaceDownload, Root: true})
				}
				return err
			})
		}()
		return nil
	})
}

func (m *Enrol) missing(server, code, name string) string {
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
