-- +goose Up

-- Who was given personal data or money: one line for each person, device and stream a day. It does not expire.
CREATE TABLE accesses (
    day    bigint NOT NULL,            -- days since 1970 UTC
    person bytea NOT NULL,
    device bytea NOT NULL,
    scope  text NOT NULL,            -- "<project id>/<audience>"
    at     bigint NOT NULL,            -- ms since 1970 UTC, the first time that day
    PRIMARY KEY (day, person, device, scope)
);
CREATE INDEX accesses_scope ON accesses (scope, at);
