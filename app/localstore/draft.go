package localstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// Draft is a half-filled form.
type Draft struct {
	Key       string
	Body      []byte
	UpdatedAt domain.Instant
}

// SaveDraft keeps a form as it stands; the same key is replaced.
func (s *Store) SaveDraft(ctx context.Context, key string, form any) error {
	body, err := json.Marshal(form)
	if err != nil {
		return fmt.Errorf("draft: %w", err)
	}
	return s.Update(ctx, func(t *Tx) error {
		return t.exec(ctx, "draft", "INSERT INTO drafts VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET body = excluded.body, updated_at = excluded.updated_at",
			key, body, t.now)
	})
}

// DropDraft forgets a form that was sent or thrown away.
func (t *Tx) DropDraft(ctx context.Context, key string) error {
	return t.exec(ctx, "draft", "DELETE FROM drafts WHERE key = ?", key)
}

// Draft reads one form; ok is false when there is none.
func (t *Tx) Draft(ctx context.Context, key string, form any) (ok bool, err error) {
	var body []byte
	if ok, err = t.row(ctx, "draft", []any{&body}, "SELECT body FROM drafts WHERE key = ?", key); err != nil || !ok {
		return false, err
	}
	if err := json.Unmarshal(body, form); err != nil {
		return false, fmt.Errorf("draft %s: %w", key, err)
	}
	return true, nil
}

// Drafts lists every form that was left, newest first.
func (t *Tx) Drafts(ctx context.Context) ([]Draft, error) {
	return sqltx.Collect(ctx, t.tx, "drafts", func(r *sql.Rows) (d Draft, err error) {
		err = r.Scan(&d.Key, &d.Body, &d.UpdatedAt)
		return d, err
	}, "SELECT key, body, updated_at FROM drafts ORDER BY updated_at DESC")
}
