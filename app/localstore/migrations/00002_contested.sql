-- +goose Up

-- Which records have values that people should look at, of what is shown.
-- NULL none, 1 values that lost, 2 values that wait for a person,
-- -1 not known yet: the row is from before this column (see Open).
ALTER TABLE records ADD COLUMN contested INTEGER DEFAULT -1;
CREATE INDEX records_contested ON records (contested) WHERE contested IS NOT NULL;
