-- +goose Up

-- What the server knows about itself: epoch, company name, configuration version.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Newest sequence of each scope; taken before the log insert, so commit order is
-- sequence order without gaps.
CREATE TABLE heads (
    scope TEXT PRIMARY KEY,             -- "<project id>/<audience>"
    seq   INTEGER NOT NULL              -- 1-based
) STRICT;

-- The change log that devices follow.
CREATE TABLE log (
    scope TEXT NOT NULL,
    seq   INTEGER NOT NULL,
    op    BLOB NOT NULL,                -- CBOR syncproto.Op
    PRIMARY KEY (scope, seq)
) STRICT;

-- Every authenticated op in full, whatever became of it.
CREATE TABLE received (
    device      BLOB NOT NULL,          -- 16-byte id
    device_seq  INTEGER NOT NULL,
    body        BLOB NOT NULL,          -- CBOR as the device sent it
    status      INTEGER NOT NULL,       -- syncproto.Status
    log_seq     INTEGER NOT NULL,       -- 0 = not in the log
    code        TEXT NOT NULL,
    details     TEXT NOT NULL,          -- JSON array of keys
    received_at INTEGER NOT NULL,       -- ms since 1970 UTC
    PRIMARY KEY (device, device_seq)
) STRICT;

-- State of every record after its scope's log.
CREATE TABLE records (
    entity INTEGER NOT NULL,
    id     BLOB NOT NULL,               -- 16-byte id
    scope  TEXT NOT NULL,
    parent BLOB NOT NULL,               -- 16-byte id, zero if none
    state  TEXT NOT NULL,
    seq    INTEGER NOT NULL,            -- of the scope's log
    body   BLOB NOT NULL,               -- CBOR merge.Record
    PRIMARY KEY (entity, id)
) STRICT;
CREATE INDEX records_parent ON records (entity, parent);
CREATE INDEX records_state ON records (entity, state);

-- Defects by place and kind, for finding possible duplicates.
CREATE TABLE spots (
    defect BLOB PRIMARY KEY,            -- 16-byte id
    spot   TEXT NOT NULL                -- domain.Defect.Spot
) STRICT;
CREATE INDEX spots_spot ON spots (spot);

CREATE TABLE people (
    id            BLOB PRIMARY KEY,
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    locale        TEXT NOT NULL,        -- "zh-Hans", "en" or "" for the device's
    password_hash TEXT NOT NULL,        -- argon2id in PHC form, "" = cannot sign in
    disabled_at   INTEGER NOT NULL      -- ms, 0 = active
) STRICT;

CREATE TABLE role_capabilities (
    role       TEXT NOT NULL,
    capability TEXT NOT NULL,
    PRIMARY KEY (role, capability)
) STRICT;

CREATE TABLE grants (
    person     BLOB NOT NULL REFERENCES people (id),
    project    BLOB NOT NULL,
    role       TEXT NOT NULL,
    valid_from INTEGER NOT NULL,        -- ms
    valid_to   INTEGER NOT NULL,        -- ms, 0 = open
    PRIMARY KEY (person, project, role, valid_from)
) STRICT;

CREATE TABLE devices (
    id           BLOB PRIMARY KEY,
    name         TEXT NOT NULL,
    token_hash   BLOB NOT NULL UNIQUE,  -- SHA-256 of the opaque token
    enrolled_at  INTEGER NOT NULL,      -- ms
    revoked_at   INTEGER NOT NULL,      -- ms, 0 = active
    next_seq     INTEGER NOT NULL,      -- op number expected next
    last_seen_at INTEGER NOT NULL,      -- ms
    clock_ahead  INTEGER NOT NULL       -- ms that the device's clock was ahead at the last HELLO
) STRICT;

CREATE TABLE enrolments (
    code_hash  BLOB PRIMARY KEY,        -- SHA-256 of the one-time code
    person     BLOB NOT NULL REFERENCES people (id),
    expires_at INTEGER NOT NULL,        -- ms
    used_at    INTEGER NOT NULL         -- ms, 0 = unused
) STRICT;

CREATE TABLE sessions (
    token_hash BLOB PRIMARY KEY,        -- SHA-256 of the opaque token
    person     BLOB NOT NULL REFERENCES people (id),
    device     BLOB NOT NULL REFERENCES devices (id),
    started_at INTEGER NOT NULL,        -- ms
    expires_at INTEGER NOT NULL         -- ms
) STRICT;
CREATE INDEX sessions_device ON sessions (device, person);

CREATE TABLE blobs (
    sha256      BLOB PRIMARY KEY,       -- 32 bytes
    bytes       INTEGER NOT NULL,
    received_at INTEGER NOT NULL        -- ms; the row exists once the bytes are durable
) STRICT;

-- Which records name a blob: reading a hash needs access to one of them.
CREATE TABLE blob_refs (
    sha256 BLOB NOT NULL,
    scope  TEXT NOT NULL,
    entity INTEGER NOT NULL,
    id     BLOB NOT NULL,
    PRIMARY KEY (sha256, entity, id)
) STRICT;

-- Last imported value per record, the base of three-way imports.
CREATE TABLE imported (
    project BLOB NOT NULL,
    entity INTEGER NOT NULL,
    id     BLOB NOT NULL,
    name   TEXT NOT NULL,
    fields BLOB NOT NULL,               -- CBOR syncproto.Fields
    PRIMARY KEY (entity, id)
) STRICT;
CREATE INDEX imported_project ON imported (project);

-- Running numbers of tickets and notices: WX-2026-000123.
CREATE TABLE numbers (
    series TEXT PRIMARY KEY,            -- "<project id>/WX-2026"
    last   INTEGER NOT NULL
) STRICT;
