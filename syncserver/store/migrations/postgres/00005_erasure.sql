-- +goose Up

-- SHA-256 of the body as the device sent it, where values of it were erased since; empty otherwise.
ALTER TABLE received ADD COLUMN original bytea NOT NULL DEFAULT '';
