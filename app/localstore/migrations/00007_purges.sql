-- +goose Up

-- Blobs that were erased, whose files may still lie on this device.
-- Zeros stand for whatever was downloaded.
CREATE TABLE purges (
    sha256 BLOB PRIMARY KEY             -- 32 bytes
) STRICT;
