-- Every statement id ever seen: the same id again is the same statement, or a mistake. The last statement of an attempt
-- is in the attempt's body, all of them are in the audit trail.
CREATE TABLE statements (
    id           INTEGER NOT NULL PRIMARY KEY,
    attempt_id   INTEGER NOT NULL, -- which may be unknown
    digest       BLOB    NOT NULL, -- of the message and its terminal
    received_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX statements_by_attempt ON statements (attempt_id);
