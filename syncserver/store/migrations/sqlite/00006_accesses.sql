-- +goose Up

-- Who was given personal data or money: one line for each person, device and stream a day. It does not expire.
CREATE TABLE accesses (
    day    INTEGER NOT NULL,            -- days since 1970 UTC
    person BLOB NOT NULL,
    device BLOB NOT NULL,
    scope  TEXT NOT NULL,            -- "<project id>/<audience>"
    at     INTEGER NOT NULL,            -- ms since 1970 UTC, the first time that day
    PRIMARY KEY (day, person, device, scope)
) STRICT;
CREATE INDEX accesses_scope ON accesses (scope, at);
