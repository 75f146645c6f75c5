-- +goose Up

-- The epoch of the copy that an op was recorded on: its base sequence counts in that log.
ALTER TABLE outbox ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
UPDATE outbox SET epoch = coalesce((SELECT s.epoch FROM scopes s WHERE s.scope = outbox.scope), '');
