-- +goose Up

-- Devices of which there were two (sync design, shape 3): those that the server
-- has told so, and those that have become devices of their own since.
CREATE TABLE cloned (
    device BYTEA PRIMARY KEY,
    at     BIGINT NOT NULL             -- ms
);
CREATE TABLE forks (
    device BYTEA PRIMARY KEY,
    origin BYTEA NOT NULL                -- the device that it was
);
CREATE INDEX forks_origin ON forks (origin);
