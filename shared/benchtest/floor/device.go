package floor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
)

// Device keeps its records in a file of its own.
type Device struct {
	db     *sql.DB
	save   *sql.Stmt
	apply  *sql.Stmt
	cursor uint64
}

const deviceSchema = `
	CREATE TABLE IF NOT EXISTS records (id BLOB PRIMARY KEY, seq INTEGER NOT NULL, body BLOB NOT NULL); -- seq 0: not confirmed
	CREATE INDEX IF NOT EXISTS unsent ON records (seq) WHERE seq = 0;
	CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY, seq INTEGER NOT NULL);
	INSERT OR IGNORE INTO cursor VALUES (1, 0)`

// OpenDevice opens or creates a device in dir.
func OpenDevice(ctx context.Context, dir string) (_ *Device, err error) {
	d := &Device{}
	if d.db, err = open(ctx, filepath.Join(dir, "device.db"), deviceSchema, 1); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.db.Close())
		}
	}()
	if d.save, err = d.db.PrepareContext(ctx, "INSERT INTO records (id, seq, body) VALUES (?, 0, ?)"); err != nil {
		return nil, fmt.Errorf("open device: %w", err)
	}
	if d.apply, err = d.db.PrepareContext(ctx, `INSERT INTO records (id, seq, body) VALUES (?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, body = excluded.body`); err != nil {
		return nil, fmt.Errorf("open device: %w", err)
	}
	if err = d.db.QueryRowContext(ctx, "SELECT seq FROM cursor").Scan(&d.cursor); err != nil {
		return nil, fmt.Errorf("open device: %w", err)
	}
	return d, nil
}

// Close releases the file.
func (d *Device) Close() error { return errors.Join(d.save.Close(), d.apply.Close(), d.db.Close()) }

// Save keeps records that the server does not have yet.
func (d *Device) Save(ctx context.Context, records []Record) error {
	return inTx(ctx, d.db, func(tx *sql.Tx) error {
		put := tx.StmtContext(ctx, d.save)
		defer func() { _ = put.Close() }() // the commit tells
		for _, r := range records {
			if _, err := put.ExecContext(ctx, r.ID[:], []byte(r.Body)); err != nil {
				return fmt.Errorf("save: %w", err)
			}
		}
		return nil
	})
}

// Count counts the records here and those of them that the server has confirmed.
func (d *Device) Count(ctx context.Context) (all, confirmed int, err error) {
	err = d.db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(seq > 0), 0) FROM records").Scan(&all, &confirmed)
	return all, confirmed, err
}

// Sync connects, pushes what waits and stores pages until the device has
// everything up to the sequence want.
func (d *Device) Sync(ctx context.Context, server string, want uint64) (err error) {
	l, err := Dial(ctx, server)
	if err != nil {
		return err
	}
	pages := make(chan *page, 4)
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	var lost error
	reading.Go(func() {
		lost = receive(ctx, l, pages)
		close(pages)
	})
	defer func() {
		cancel()
		err = errors.Join(err, l.Close())
		reading.Wait()
	}()
	if err := l.Follow(d.cursor); err != nil {
		return err
	}
	if err := d.pushAll(ctx, l); err != nil {
		return err
	}
	for p := range pages {
		if err := d.store(ctx, p); err != nil {
			return err
		}
		if d.cursor >= want {
			return nil
		}
	}
	return lost
}

// receive decodes what comes while the page before is being stored.
func receive(ctx context.Context, l *Link, pages chan<- *page) error {
	for {
		p, err := l.page()
		if err != nil {
			return err
		}
		select {
		case pages <- p:
		case <-ctx.Done():
			return nil
		}
	}
}

// store puts a page and the new cursor into one transaction.
func (d *Device) store(ctx context.Context, p *page) error {
	if p.Prev != d.cursor {
		return fmt.Errorf("page after %d, expected one after %d", p.Prev, d.cursor)
	}
	err := inTx(ctx, d.db, func(tx *sql.Tx) error {
		put := tx.StmtContext(ctx, d.apply)
		defer func() { _ = put.Close() }() // the commit tells
		for i, r := range p.Records {
			if _, err := put.ExecContext(ctx, r.ID[:], p.Prev+uint64(i)+1, []byte(r.Body)); err != nil {
				return fmt.Errorf("store: %w", err)
			}
		}
		_, err := tx.ExecContext(ctx, "UPDATE cursor SET seq = ?", p.Last)
		return err
	})
	if err == nil {
		d.cursor = p.Last
	}
	return err
}

func (d *Device) pushAll(ctx context.Context, l *Link) error {
	waiting, err := d.unsent(ctx)
	for err == nil && len(waiting) > 0 {
		n := min(batch, len(waiting))
		err = l.Push(waiting[:n]...)
		waiting = waiting[n:]
	}
	return err
}

func (d *Device) unsent(ctx context.Context) (records []Record, err error) {
	rows, err := d.db.QueryContext(ctx, "SELECT id, body FROM records WHERE seq = 0 ORDER BY rowid")
	if err != nil {
		return nil, fmt.Errorf("unsent: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id []byte
		var r Record
		if err := rows.Scan(&id, (*[]byte)(&r.Body)); err != nil {
			return nil, fmt.Errorf("unsent: %w", err)
		}
		copy(r.ID[:], id)
		records = append(records, r)
	}
	return records, rows.Err()
}
