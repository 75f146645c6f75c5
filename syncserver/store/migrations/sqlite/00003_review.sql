-- +goose Up

-- The review inbox: groups of quarantined ops, whose bodies are in received.
CREATE TABLE reviews (
    device      BLOB NOT NULL,          -- 16-byte id
    first_seq   INTEGER NOT NULL,       -- device_seq of the group's first op
    last_seq    INTEGER NOT NULL,       -- and of its last, the same for an op that stands alone
    project     BLOB NOT NULL,          -- of the first op, as the device says; it may not exist
    actor       BLOB NOT NULL,          -- of the first op
    code        TEXT NOT NULL,          -- why it was quarantined: syncproto.Code
    captured_at INTEGER NOT NULL,       -- ms, of the first op, corrected
    received_at INTEGER NOT NULL,       -- ms
    clock_ahead INTEGER NOT NULL,       -- ms that the device's clock was ahead when it was received
    bytes       INTEGER NOT NULL,       -- of the bodies
    blob_bytes  INTEGER NOT NULL,       -- of the blobs that they name, as the device says
    outcome     INTEGER NOT NULL,       -- 0 waiting, 1 accepted, 2 discarded
    decided_at  INTEGER NOT NULL,       -- ms, 0 = waiting
    decided_by  BLOB NOT NULL,          -- 16-byte id, zero while waiting
    reason      TEXT NOT NULL,          -- the reviewer's words for discarding
    PRIMARY KEY (device, first_seq)
) STRICT;
CREATE INDEX reviews_project ON reviews (project, outcome, received_at);

-- Blobs that a group names: its device may hand them in while it is not discarded.
CREATE TABLE review_blobs (
    device    BLOB NOT NULL,
    sha256    BLOB NOT NULL,            -- 32 bytes
    first_seq INTEGER NOT NULL,         -- reviews.first_seq
    bytes     INTEGER NOT NULL,         -- no more than this is taken
    PRIMARY KEY (device, first_seq, sha256)
) STRICT;
CREATE INDEX review_blobs_sha256 ON review_blobs (sha256, device);
