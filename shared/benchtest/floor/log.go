package floor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
)

const (
	logFile   = "floor.db"
	logSchema = "CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, body BLOB NOT NULL)"
)

// Fill puts records into the log of a data directory that nobody serves yet.
func Fill(ctx context.Context, dir string, records []Record) (err error) {
	db, err := open(ctx, filepath.Join(dir, logFile), logSchema, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return inTx(ctx, db, func(tx *sql.Tx) error {
		put, err := tx.PrepareContext(ctx, "INSERT INTO log (id, body) VALUES (?, ?)")
		if err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		defer func() { _ = put.Close() }() // the commit tells
		for _, r := range records {
			if _, err := put.ExecContext(ctx, r.ID[:], []byte(r.Body)); err != nil {
				return fmt.Errorf("fill: %w", err)
			}
		}
		return nil
	})
}

// commits is the only writer: what waits while one transaction is synced goes
// into the next one together.
func (s *server) commits(ctx context.Context) error {
	insert, err := s.write.PrepareContext(ctx, "INSERT INTO log (seq, id, body) VALUES (?, ?, ?)")
	if err != nil {
		return fmt.Errorf("commits: %w", err)
	}
	defer func() { _ = insert.Close() }() // it goes with the file
	last := s.head
	for {
		var group []push
		select {
		case p := <-s.pushes:
			group = append(group, p)
		case <-ctx.Done():
			return nil
		}
		for n := len(group[0].records); n < batch && len(s.pushes) > 0; {
			p := <-s.pushes
			group, n = append(group, p), n+len(p.records)
		}
		if last, err = s.commit(ctx, insert, last, group); err != nil {
			return err
		}
	}
}

func (s *server) commit(ctx context.Context, insert *sql.Stmt, last uint64, group []push) (uint64, error) {
	next := page{Prev: last, Last: last}
	err := inTx(ctx, s.write, func(tx *sql.Tx) error {
		put := tx.StmtContext(ctx, insert)
		defer func() { _ = put.Close() }() // the commit tells
		for _, p := range group {
			for _, r := range p.records {
				next.Last++
				if _, err := put.ExecContext(ctx, next.Last, r.ID[:], []byte(r.Body)); err != nil {
					return fmt.Errorf("append: %w", err)
				}
			}
			next.Records = append(next.Records, p.records...)
		}
		return nil
	})
	if err != nil {
		return last, err
	}
	for _, p := range group {
		p.from.answer(len(p.records))
	}
	select {
	case s.live <- next:
	case <-ctx.Done():
	}
	return next.Last, nil
}

// recentPages is how many commits' pages are kept for those who follow closely.
const recentPages = 64

// tell encodes what was appended once and wakes everybody.
func (s *server) tell(ctx context.Context) error {
	var kept []uint64
	for {
		select {
		case p := <-s.live:
			b, err := s.codec.encode(frame{Page: &p})
			if err != nil {
				return err
			}
			kept = append(kept, p.Prev)
			s.mu.Lock()
			s.head, s.recent[p.Prev] = p.Last, encoded{b, p.Last}
			if len(kept) > recentPages {
				delete(s.recent, kept[0])
				kept = kept[1:]
			}
			for c := range s.peers {
				c.rouse()
			}
			s.mu.Unlock()
		case <-ctx.Done():
			return nil
		}
	}
}

// next is the page that follows a sequence, the zero value at the head. Full
// pages never change: they are read and encoded once.
func (s *server) next(ctx context.Context, after uint64) (encoded, error) {
	s.mu.Lock()
	head := s.head
	if after >= head {
		s.mu.Unlock()
		return encoded{}, nil
	}
	if e, ok := s.recent[after]; ok {
		s.mu.Unlock()
		return e, nil
	}
	if after%batch != 0 || after+batch > head {
		s.mu.Unlock()
		return s.readPage(ctx, after)
	}
	once, ok := s.full[after]
	if !ok {
		once = sync.OnceValues(func() (encoded, error) { return s.readPage(context.WithoutCancel(ctx), after) })
		s.full[after] = once
	}
	s.mu.Unlock()
	return once()
}

// readPage reads up to the next multiple of a batch, so that pages align.
func (s *server) readPage(ctx context.Context, after uint64) (e encoded, err error) {
	p := page{Prev: after, Last: after}
	rows, err := s.read.QueryContext(ctx, "SELECT seq, id, body FROM log WHERE seq > ? ORDER BY seq LIMIT ?", after, batch-after%batch)
	if err != nil {
		return e, fmt.Errorf("page: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var id []byte
		var r Record
		if err := rows.Scan(&p.Last, &id, (*[]byte)(&r.Body)); err != nil {
			return e, fmt.Errorf("page: %w", err)
		}
		copy(r.ID[:], id)
		p.Records = append(p.Records, r)
	}
	if err := rows.Err(); err != nil {
		return e, fmt.Errorf("page: %w", err)
	}
	b, err := s.codec.encode(frame{Page: &p})
	return encoded{b, p.Last}, err
}
