// Package tablet fits the device's core to what the tablet's screens ask for.
// It translates types and decides nothing.
package tablet

import (
	"context"
	"errors"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/screen/field"
	"keyturn/app/syncer"
)

// Device is what the screens need, served by a core. ctx ends the connection
// that a screen opens; save stores a file where people find it.
func Device(ctx context.Context, c *core.Core, save func(name string, data []byte) (path string, err error)) field.Device {
	return field.Device{
		Records: records{c}, Outbox: outbox{c}, Settings: settings{c}, Inspect: inspecting{c}, Drafts: drafts{c}, Defects: defects{c},
		Notebook: notebook{c}, Repairs: repairs{c}, Photos: photos{c}, Pictures: pictures{c}, Line: line{c, ctx},
		Catalogue: c.Catalogue, Texts: c.Texts, Crashed: c.Crashed, SaveFile: save,
	}
}

// told translates errors that the screens explain.
func told(err error) error {
	var refused *syncer.Refused
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refused):
		return errors.Join(&field.Refused{Code: string(refused.Code)}, err)
	case errors.Is(err, fieldwork.ErrGone):
		return errors.Join(field.ErrGone, err)
	default:
		return err
	}
}
