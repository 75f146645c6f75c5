package service

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// ErasuresFile in the data directory lists what was erased, without any personal
// value: a restored backup must not bring it back.
const ErasuresFile = "erasures.jsonl"

// erasure is a line of the file.
type erasure struct {
	Project domain.ProjectID `json:"project"`
	Entity  domain.Entity    `json:"entity"`
	ID      domain.AnyID     `json:"id"`
	// Seq is the place of the erasure in its log; 0 while it is only intended.
	Seq uint64 `json:"seq"`
	// Blobs are those whose bytes go with it, unless something else names them. A
	// hash is no personal value.
	Blobs []domain.Hash `json:"blobs,omitempty"`
}

// after adds what an earlier line about the same record knows.
func (e erasure) after(o erasure) erasure {
	if e.Seq == 0 {
		e.Seq = o.Seq
	}
	for _, sha := range o.Blobs {
		if !slices.Contains(e.Blobs, sha) {
			e.Blobs = append(e.Blobs, sha)
		}
	}
	return e
}

// PersonalData is a record that can be erased.
type PersonalData struct {
	Entity domain.Entity
	ID     domain.AnyID
	// Of is the unit or the contractor; Names are whose data it is.
	Of    string
	Names []string
}

// FindPersonal lists the homeowners and contacts of a project with a name or
// phone number that contains a text. Photos that show a person are erased by the
// id of their attachment.
func (s *Service) FindPersonal(ctx context.Context, project domain.ProjectID, text string) (found []PersonalData, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		found = nil
		owners, err := intake.List[domain.Homeowner](ctx, tx, domain.EntityHomeowner, store.Filter{Project: project})
		if err != nil {
			return err
		}
		for _, o := range owners {
			if !strings.Contains(strings.Join(append(o.Record.Names, o.Record.Phone), "\n"), text) {
				continue
			}
			unit, _, err := intake.Get[domain.Unit](ctx, tx, domain.EntityUnit, o.Record.UnitID.Any())
			if err != nil {
				return err
			}
			found = append(found, PersonalData{domain.EntityHomeowner, o.ID.Any(), unit.Building + " " + unit.Number, o.Record.Names})
		}
		contacts, err := intake.List[domain.PartyContact](ctx, tx, domain.EntityPartyContact, store.Filter{Project: project})
		if err != nil {
			return err
		}
		for _, c := range contacts {
			if !strings.Contains(c.Record.Name+"\n"+c.Record.Phone, text) {
				continue
			}
			party, _, err := intake.Get[domain.Party](ctx, tx, domain.EntityParty, c.Record.PartyID.Any())
			if err != nil {
				return err
			}
			found = append(found, PersonalData{domain.EntityPartyContact, c.ID.Any(), party.Name, []string{c.Record.Name}})
		}
		return nil
	})
	return found, err
}

// Erase overwrites a record's personal values everywhere (see intake.Erase),
// deletes the bytes of signatures and photos, and notes it for the day on which
// an older backup is restored. Which bytes is noted beforehand: a crash after the
// record was erased would leave nobody who knows.
func (s *Service) Erase(ctx context.Context, project domain.ProjectID, entity domain.Entity, id domain.AnyID, by domain.PersonID) error {
	gone, err := s.eraseRecords(ctx, erasure{Project: project, Entity: entity, ID: id}, by)
	if err != nil {
		return err
	}
	return s.deleteBlobs(ctx, gone)
}

func (s *Service) eraseRecords(ctx context.Context, e erasure, by domain.PersonID) (gone []domain.Hash, err error) {
	if e.Blobs, err = s.engine.BlobsOf(ctx, e.Project, e.Entity, e.ID, by); err != nil {
		return nil, err
	}
	e.Seq = 0
	if len(e.Blobs) > 0 {
		if err := s.noteErasure(e); err != nil {
			return nil, err
		}
	}
	logged, gone, err := s.engine.Erase(ctx, e.Project, e.Entity, e.ID, by)
	if err != nil {
		return nil, err
	}
	s.publish(ctx, logged)
	e.Seq = logged[0].Seq
	return gone, s.noteErasure(e)
}

// deleteBlobs deletes the bytes of erased attachments, as far as nothing names
// them.
func (s *Service) deleteBlobs(ctx context.Context, shas []domain.Hash) error {
	if len(shas) == 0 {
		return nil
	}
	var gone []domain.Hash
	err := s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		gone, err = tx.ForgetBlobs(ctx, store.BlobRef{}, shas)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete erased blobs: %w", err)
	}
	for _, sha := range gone {
		if err := s.Blobs.Delete(ctx, sha); err != nil {
			return fmt.Errorf("delete the blob %s: %w", sha, err)
		}
	}
	return nil
}

// sweepErased deletes bytes of erased attachments that are here again: from a
// restored backup, from an upload that was on its way, or after a crash.
func (s *Service) sweepErased(ctx context.Context) error {
	noted, err := readErasures(filepath.Join(s.dir, ErasuresFile))
	if err != nil {
		return err
	}
	var shas []domain.Hash
	for _, e := range noted {
		shas = append(shas, e.Blobs...)
	}
	return s.deleteBlobs(ctx, shas)
}

func (s *Service) noteErasure(e erasure) (err error) {
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("note erasure: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.dir, ErasuresFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("note erasure: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("note erasure: %w", err)
	}
	return f.Sync()
}

// eraseAgain repeats erasures that the database has lost because it was restored
// from an older backup.
func (s *Service) eraseAgain(ctx context.Context) error {
	noted, err := readErasures(filepath.Join(s.dir, ErasuresFile))
	if err != nil {
		return err
	}
	for _, e := range noted {
		if e.Seq == 0 {
			continue // who asked for it was not told that it was done
		}
		lost := false
		err := s.Store.View(ctx, func(tx *store.Tx) error {
			held, err := tx.Record(ctx, e.Entity, e.ID)
			lost = held.Exists() && !erasedAt(held, e.Seq)
			return err
		})
		if err == nil && lost {
			_, err = s.eraseRecords(ctx, e, ident.ServerPerson) // the bytes go with the next sweep
		}
		if err != nil {
			return fmt.Errorf("erase again: %w", err)
		}
	}
	return nil
}

func erasedAt(r merge.Record, seq uint64) bool {
	for _, at := range r.Erased {
		if at == seq {
			return true
		}
	}
	return false
}

// readErasures reads the newest line about each record, with the blobs of all of
// them. A line that a crash has cut off was never reported as done.
func readErasures(path string) (list []erasure, err error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("erasures: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		var e erasure
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		before := slices.IndexFunc(list, func(o erasure) bool { return o.Entity == e.Entity && o.ID == e.ID })
		if before >= 0 {
			e = e.after(list[before])
			list = slices.Delete(list, before, before+1)
		}
		list = append(list, e)
	}
	return list, lines.Err()
}
