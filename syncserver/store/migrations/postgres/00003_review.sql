-- +goose Up

-- The review inbox: groups of quarantined ops, whose bodies are in received.
CREATE TABLE reviews (
    device      BYTEA NOT NULL,        -- 16-byte id
    first_seq   BIGINT NOT NULL,       -- device_seq of the group's first op
    last_seq    BIGINT NOT NULL,       -- and of its last, the same for an op that stands alone
    project     BYTEA NOT NULL,        -- of the first op, as the device says; it may not exist
    actor       BYTEA NOT NULL,        -- of the first op
    code        TEXT NOT NULL,         -- why it was quarantined: syncproto.Code
    captured_at BIGINT NOT NULL,       -- ms, of the first op, corrected
    received_at BIGINT NOT NULL,       -- ms
    clock_ahead BIGINT NOT NULL,       -- ms that the device's clock was ahead when it was received
    bytes       BIGINT NOT NULL,       -- of the bodies
    blob_bytes  BIGINT NOT NULL,       -- of the blobs that they name, as the device says
    outcome     BIGINT NOT NULL,       -- 0 waiting, 1 accepted, 2 discarded
    decided_at  BIGINT NOT NULL,       -- ms, 0 = waiting
    decided_by  BYTEA NOT NULL,        -- 16-byte id, zero while waiting
    reason      TEXT NOT NULL,         -- the reviewer's words for discarding
    PRIMARY KEY (device, first_seq)
);
CREATE INDEX reviews_project ON reviews (project, outcome, received_at);

-- Blobs that a group names: its device may hand them in while it is not discarded.
CREATE TABLE review_blobs (
    device    BYTEA NOT NULL,
    sha256    BYTEA NOT NULL,          -- 32 bytes
    first_seq BIGINT NOT NULL,         -- reviews.first_seq
    bytes     BIGINT NOT NULL,         -- no more than this is taken
    PRIMARY KEY (device, first_seq, sha256)
);
CREATE INDEX review_blobs_sha256 ON review_blobs (sha256, device);
