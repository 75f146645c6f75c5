-- +goose Up

-- Uploads ask for the op of their attachment whatever its state: the partial
-- index of unanswered ops made them read the whole outbox.
DROP INDEX outbox_record;
CREATE INDEX outbox_record ON outbox (entity, id, state);
