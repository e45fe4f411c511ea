-- The audit trail: who decided what, when, why and on what evidence, and how things stood before and after. It is written
-- in the transaction of the change itself. Rows are numbered without gaps and only ever added: the triggers hold that
-- against every statement of this program, so also against a mistake in it.
CREATE TABLE audit (
    sequence     INTEGER NOT NULL PRIMARY KEY,
    account      TEXT    NOT NULL,
    at           INTEGER NOT NULL,
    what         TEXT    NOT NULL,
    who          TEXT    NOT NULL,
    why          TEXT,
    evidence     TEXT,
    terminal     TEXT,
    order_id     TEXT,
    attempt_id   INTEGER,
    reversal_id  INTEGER,
    before       TEXT, -- JSON
    after        TEXT  -- JSON
) STRICT;
CREATE INDEX audit_by_account ON audit (account, sequence);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER audit_is_not_shortened BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_is_only_added_to BEFORE INSERT ON audit
WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit)
BEGIN
    SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
