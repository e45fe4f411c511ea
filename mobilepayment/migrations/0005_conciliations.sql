-- The acquirer's files that were imported, each once, with what came of them.
CREATE TABLE conciliations (
    id           TEXT    NOT NULL PRIMARY KEY,
    account      TEXT    NOT NULL,
    digest       BLOB    NOT NULL, -- SHA-256 of the file
    file_id      TEXT    NOT NULL,
    store        TEXT,
    date         TEXT    NOT NULL,
    by_whom      TEXT    NOT NULL,
    imported_at  INTEGER NOT NULL,
    counts       TEXT    NOT NULL, -- JSON
    comparison   TEXT    NOT NULL  -- JSON
) STRICT;
CREATE UNIQUE INDEX conciliations_once ON conciliations (account, digest);
CREATE INDEX conciliations_by_account ON conciliations (account, imported_at, id);

-- What a file is compared with.
CREATE INDEX attempts_by_atk ON attempts (json_extract(body, '$.evidence.atk'))
    WHERE json_extract(body, '$.evidence.atk') IS NOT NULL;
CREATE INDEX attempts_by_recording ON attempts (json_extract(body, '$.recorded_at'));
