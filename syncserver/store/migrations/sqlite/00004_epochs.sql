-- +goose Up

-- Entries up to here are the same in every epoch so far; -1 = the scope has not been restored from a backup.
ALTER TABLE heads ADD COLUMN common INTEGER NOT NULL DEFAULT -1;

-- The epoch in which the ops' base sequences count.
ALTER TABLE reviews ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
UPDATE reviews SET epoch = coalesce((SELECT value FROM meta WHERE key = 'epoch'), '');
