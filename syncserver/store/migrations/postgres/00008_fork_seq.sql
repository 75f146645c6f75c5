-- +goose Up

-- The first op number that a fork did not share with the device that it was.
ALTER TABLE forks ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
