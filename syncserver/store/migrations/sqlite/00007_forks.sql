-- +goose Up

-- Devices of which there were two (sync design, shape 3): those that the server
-- has told so, and those that have become devices of their own since.
CREATE TABLE cloned (
    device BLOB PRIMARY KEY,
    at     INTEGER NOT NULL             -- ms
) STRICT;
CREATE TABLE forks (
    device BLOB PRIMARY KEY,
    origin BLOB NOT NULL                -- the device that it was
) STRICT;
CREATE INDEX forks_origin ON forks (origin);
