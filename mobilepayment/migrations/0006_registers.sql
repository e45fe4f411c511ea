-- What is registered while the service runs, beside the configuration file: licences with their modules, companies, terminals.
-- Of keys and passwords only SHA-256 is kept; a webhook's secret as it is, because it signs.
CREATE TABLE licences (
    id                 TEXT    NOT NULL PRIMARY KEY,
    description        TEXT    NOT NULL,
    key_hash           BLOB    NOT NULL,
    password_hash      BLOB    NOT NULL,
    active             INTEGER NOT NULL CHECK (active IN (0, 1)), -- of its module pos_connect
    message            TEXT,                                      -- what the PDV is told of it
    created_at         INTEGER NOT NULL,
    activated_at       INTEGER,
    last_consulted_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX licences_by_key ON licences (key_hash);
CREATE UNIQUE INDEX licences_by_password ON licences (password_hash);

CREATE TABLE companies (
    account           TEXT    NOT NULL PRIMARY KEY,
    licence           TEXT    NOT NULL REFERENCES licences (id),
    store_name        TEXT    NOT NULL,
    secret_key_hash   BLOB    NOT NULL,
    webhook           TEXT,             -- JSON
    methods           TEXT    NOT NULL, -- JSON
    feed_wait_s       INTEGER NOT NULL,
    answer_timeout_s  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX companies_by_key ON companies (secret_key_hash);

-- By upper case: two serial numbers that differ only in case are one label read twice.
CREATE TABLE terminals (
    serial         TEXT    NOT NULL PRIMARY KEY COLLATE NOCASE,
    account        TEXT    NOT NULL REFERENCES companies (account),
    model          TEXT    NOT NULL CHECK (model IN ('L3', 'A8', 'P2')),
    acquirer_cnpj  TEXT    NOT NULL,
    description    TEXT    NOT NULL,
    delivery       INTEGER NOT NULL CHECK (delivery IN (0, 1)),
    counter        INTEGER NOT NULL CHECK (counter IN (0, 1)),
    CHECK (delivery = 1 OR counter = 1),
    CHECK (model <> 'P2' OR counter = 0)
) STRICT;

-- The number of the last change of the registers, among those of the terminals' feed: no number is given twice.
CREATE TABLE registers_changed (
    only_row  INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    sequence  INTEGER NOT NULL
) STRICT;
INSERT INTO registers_changed VALUES (1, 0);
