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
	// Seq is the place of the erasure in its log.
	Seq uint64 `json:"seq"`
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
// phone number that contains a text.
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

// Erase overwrites a record's personal values everywhere (see intake.Erase) and
// notes it for the day on which an older backup is restored.
func (s *Service) Erase(ctx context.Context, project domain.ProjectID, entity domain.Entity, id domain.AnyID, by domain.PersonID) error {
	logged, err := s.engine.Erase(ctx, project, entity, id, by)
	if err != nil {
		return err
	}
	s.publish(ctx, logged)
	return s.noteErasure(erasure{Project: project, Entity: entity, ID: id, Seq: logged[0].Seq})
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
		lost := false
		err := s.Store.View(ctx, func(tx *store.Tx) error {
			held, err := tx.Record(ctx, e.Entity, e.ID)
			lost = held.Exists() && !erasedAt(held, e.Seq)
			return err
		})
		if err == nil && lost {
			err = s.Erase(ctx, e.Project, e.Entity, e.ID, ident.ServerPerson)
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

// readErasures reads the newest line about each record. A line that a crash has
// cut off was never reported as done.
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
		list = slices.DeleteFunc(list, func(o erasure) bool { return o.Entity == e.Entity && o.ID == e.ID })
		list = append(list, e)
	}
	return list, lines.Err()
}
