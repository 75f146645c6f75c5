-- +goose Up

-- What this device had sent under an identity that it turned out to share with
-- another device (see Fork): answered, for people to see.
CREATE TABLE former (
    device      BLOB NOT NULL,          -- 16-byte id, the former one
    seq         INTEGER NOT NULL,
    scope       TEXT NOT NULL,
    entity      INTEGER NOT NULL,
    id          BLOB NOT NULL,
    op          BLOB NOT NULL,          -- CBOR syncproto.Op
    state       INTEGER NOT NULL,       -- as in outbox, but for 0
    log_seq     INTEGER NOT NULL,
    code        TEXT NOT NULL,
    details     TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    epoch       TEXT NOT NULL,
    PRIMARY KEY (device, seq)
) STRICT;
CREATE INDEX former_record ON former (entity, id, state);

-- What this device has recorded under whatever identity, in the order of generation and place.
CREATE VIEW recorded AS
    SELECT 0 AS generation, rowid AS place, entity, id, op, state, log_seq, code, details FROM former
    UNION ALL SELECT 1, seq, entity, id, op, state, log_seq, code, details FROM outbox;
