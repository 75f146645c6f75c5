-- +goose Up

-- What the device knows about itself: identity, clocks, preferences.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- How far each scope has been applied.
CREATE TABLE scopes (
    scope TEXT PRIMARY KEY,             -- "<project id>/<audience>"
    epoch TEXT NOT NULL,
    seq   INTEGER NOT NULL,             -- everything up to here is in records
    head  INTEGER NOT NULL              -- newest the server has told us of
) STRICT;

-- Server state and, on top of it, what the screen shows.
CREATE TABLE records (
    entity INTEGER NOT NULL,
    id     BLOB NOT NULL,               -- 16-byte id
    scope  TEXT NOT NULL,
    parent BLOB NOT NULL,               -- 16-byte id, zero if none; of what is shown
    state  TEXT NOT NULL,               -- of what is shown
    server BLOB,                        -- CBOR merge.Record, NULL until the server has it
    body   BLOB,                        -- server state with pending ops on top; NULL = same as server
    PRIMARY KEY (entity, id)
) STRICT;
CREATE INDEX records_parent ON records (entity, parent);
CREATE INDEX records_state ON records (entity, state);
CREATE INDEX records_scope ON records (scope);

-- Every op of this device until the server has confirmed it, and after that as
-- the device's own record of what it sent.
CREATE TABLE outbox (
    seq         INTEGER PRIMARY KEY,    -- device_seq, from 1 without gaps
    scope       TEXT NOT NULL,
    entity      INTEGER NOT NULL,
    id          BLOB NOT NULL,
    op          BLOB NOT NULL,          -- CBOR syncproto.Op
    state       INTEGER NOT NULL,       -- 0 waiting, 1 confirmed but not pulled, 2 done, 3 rejected, 4 in review
    log_seq     INTEGER NOT NULL,       -- place in the scope's log, 0 = none
    code        TEXT NOT NULL,
    details     TEXT NOT NULL,          -- JSON array of keys
    recorded_at INTEGER NOT NULL        -- ms since 1970 UTC, device clock
) STRICT;
CREATE INDEX outbox_state ON outbox (state);
CREATE INDEX outbox_record ON outbox (entity, id) WHERE state < 2;

-- Half-filled forms: durable, but nobody else's business.
CREATE TABLE drafts (
    key        TEXT PRIMARY KEY,        -- form and place, one draft each
    body       BLOB NOT NULL,           -- JSON of the form
    updated_at INTEGER NOT NULL         -- ms
) STRICT;

-- Photos on their way to the server.
CREATE TABLE uploads (
    sha256      BLOB NOT NULL,          -- 32 bytes, of this rendition
    attachment  BLOB NOT NULL,          -- 16-byte id
    original    INTEGER NOT NULL,       -- 0 working copy, 1 original
    photo       TEXT NOT NULL,          -- SHA-256 of the original, hex: its name in the vault
    bytes       INTEGER NOT NULL,
    confirmed   INTEGER NOT NULL,       -- 1 once the server holds it
    PRIMARY KEY (sha256, attachment)
) STRICT;
CREATE INDEX uploads_open ON uploads (original) WHERE confirmed = 0;
