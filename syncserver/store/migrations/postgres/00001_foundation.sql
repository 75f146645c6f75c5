-- +goose Up

-- What the server knows about itself: epoch, company name, configuration version.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- Newest sequence of each scope; taken before the log insert, so commit order is
-- sequence order without gaps.
CREATE TABLE heads (
    scope TEXT PRIMARY KEY,             -- "<project id>/<audience>"
    seq   BIGINT NOT NULL              -- 1-based
);

-- The change log that devices follow.
CREATE TABLE log (
    scope TEXT NOT NULL,
    seq   BIGINT NOT NULL,
    op    BYTEA NOT NULL,                -- CBOR syncproto.Op
    PRIMARY KEY (scope, seq)
);

-- Every authenticated op in full, whatever became of it.
CREATE TABLE received (
    device      BYTEA NOT NULL,          -- 16-byte id
    device_seq  BIGINT NOT NULL,
    body        BYTEA NOT NULL,          -- CBOR as the device sent it
    status      BIGINT NOT NULL,       -- syncproto.Status
    log_seq     BIGINT NOT NULL,       -- 0 = not in the log
    code        TEXT NOT NULL,
    details     TEXT NOT NULL,          -- JSON array of keys
    received_at BIGINT NOT NULL,       -- ms since 1970 UTC
    PRIMARY KEY (device, device_seq)
);

-- State of every record after its scope's log.
CREATE TABLE records (
    entity BIGINT NOT NULL,
    id     BYTEA NOT NULL,               -- 16-byte id
    scope  TEXT NOT NULL,
    parent BYTEA NOT NULL,               -- 16-byte id, zero if none
    state  TEXT NOT NULL,
    seq    BIGINT NOT NULL,            -- of the scope's log
    body   BYTEA NOT NULL,               -- CBOR merge.Record
    PRIMARY KEY (entity, id)
);
CREATE INDEX records_parent ON records (entity, parent);
CREATE INDEX records_state ON records (entity, state);

-- Defects by place and kind, for finding possible duplicates.
CREATE TABLE spots (
    defect BYTEA PRIMARY KEY,            -- 16-byte id
    spot   TEXT NOT NULL                -- domain.Defect.Spot
);
CREATE INDEX spots_spot ON spots (spot);

CREATE TABLE people (
    id            BYTEA PRIMARY KEY,
    login         TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    locale        TEXT NOT NULL,        -- "zh-Hans", "en" or "" for the device's
    password_hash TEXT NOT NULL,        -- argon2id in PHC form, "" = cannot sign in
    disabled_at   BIGINT NOT NULL      -- ms, 0 = active
);

CREATE TABLE role_capabilities (
    role       TEXT NOT NULL,
    capability TEXT NOT NULL,
    PRIMARY KEY (role, capability)
);

CREATE TABLE grants (
    person     BYTEA NOT NULL REFERENCES people (id),
    project    BYTEA NOT NULL,
    role       TEXT NOT NULL,
    valid_from BIGINT NOT NULL,        -- ms
    valid_to   BIGINT NOT NULL,        -- ms, 0 = open
    PRIMARY KEY (person, project, role, valid_from)
);

CREATE TABLE devices (
    id           BYTEA PRIMARY KEY,
    name         TEXT NOT NULL,
    token_hash   BYTEA NOT NULL UNIQUE,  -- SHA-256 of the opaque token
    enrolled_at  BIGINT NOT NULL,      -- ms
    revoked_at   BIGINT NOT NULL,      -- ms, 0 = active
    next_seq     BIGINT NOT NULL,      -- op number expected next
    last_seen_at BIGINT NOT NULL,      -- ms
    clock_ahead  BIGINT NOT NULL       -- ms that the device's clock was ahead at the last HELLO
);

CREATE TABLE enrolments (
    code_hash  BYTEA PRIMARY KEY,        -- SHA-256 of the one-time code
    person     BYTEA NOT NULL REFERENCES people (id),
    expires_at BIGINT NOT NULL,        -- ms
    used_at    BIGINT NOT NULL         -- ms, 0 = unused
);

CREATE TABLE sessions (
    token_hash BYTEA PRIMARY KEY,        -- SHA-256 of the opaque token
    person     BYTEA NOT NULL REFERENCES people (id),
    device     BYTEA NOT NULL REFERENCES devices (id),
    started_at BIGINT NOT NULL,        -- ms
    expires_at BIGINT NOT NULL         -- ms
);
CREATE INDEX sessions_device ON sessions (device, person);

CREATE TABLE blobs (
    sha256      BYTEA PRIMARY KEY,       -- 32 bytes
    bytes       BIGINT NOT NULL,
    received_at BIGINT NOT NULL        -- ms; the row exists once the bytes are durable
);

-- Which records name a blob: reading a hash needs access to one of them.
CREATE TABLE blob_refs (
    sha256 BYTEA NOT NULL,
    scope  TEXT NOT NULL,
    entity BIGINT NOT NULL,
    id     BYTEA NOT NULL,
    PRIMARY KEY (sha256, entity, id)
);

-- Last imported value per record, the base of three-way imports.
CREATE TABLE imported (
    project BYTEA NOT NULL,
    entity BIGINT NOT NULL,
    id     BYTEA NOT NULL,
    name   TEXT NOT NULL,
    fields BYTEA NOT NULL,               -- CBOR syncproto.Fields
    PRIMARY KEY (entity, id)
);
CREATE INDEX imported_project ON imported (project);

-- Running numbers of tickets and notices: WX-2026-000123.
CREATE TABLE numbers (
    series TEXT PRIMARY KEY,            -- "<project id>/WX-2026"
    last   BIGINT NOT NULL
);
