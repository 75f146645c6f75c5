-- +goose Up

-- Of a ticket, as it is shown: the defect that it repairs. NULL for every other
-- record; empty = not known yet, the row is from before this column (see Open).
ALTER TABLE records ADD COLUMN about BLOB;
CREATE INDEX records_about ON records (about, state) WHERE about IS NOT NULL;
UPDATE records SET about = x'' WHERE entity IN (18, 20); -- defects and tickets
