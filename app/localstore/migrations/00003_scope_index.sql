-- +goose Up

-- Only a dropped scope and a snapshot look records up by scope, and they go
-- through most of the table anyhow; every record paid for the index.
DROP INDEX records_scope;
