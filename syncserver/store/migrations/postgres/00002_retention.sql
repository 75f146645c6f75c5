-- +goose Up

-- When an entry was appended, so that old ones can be let go (sync design, shape 9); 0 = before this was kept.
ALTER TABLE log ADD COLUMN appended_at BIGINT NOT NULL DEFAULT 0;

-- Entries up to here have been let go: a cursor before it needs a snapshot.
ALTER TABLE heads ADD COLUMN kept_after BIGINT NOT NULL DEFAULT 0;

-- A snapshot lists one scope's records in their order.
CREATE INDEX records_scope ON records (scope, entity, id);
