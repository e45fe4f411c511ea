-- The store's tables. Amounts are centavos, instants are milliseconds since 1970 (UTC), `body` is JSON and the whole
-- truth of its row; the other columns repeat what is searched, constrained or joined.

-- Every start of the service begins an epoch of the terminals' feed: see protocol's `Cursor`.
CREATE TABLE epochs (
    epoch           INTEGER NOT NULL PRIMARY KEY,
    first_sequence  INTEGER NOT NULL,
    started_at      INTEGER NOT NULL
) STRICT;

CREATE TABLE orders (
    id              TEXT    NOT NULL PRIMARY KEY,
    account         TEXT    NOT NULL,
    code            TEXT,
    number          TEXT    NOT NULL,
    display_name    TEXT    NOT NULL,
    status          TEXT    NOT NULL CHECK (status IN ('open', 'closing', 'paid', 'closed')),
    terminals       TEXT    NOT NULL, -- ',A,B,' or '' for all of the company
    total_centavos  INTEGER NOT NULL CHECK (total_centavos BETWEEN 1 AND 999999999),
    -- The first money rule, held by the database too: approved payments never exceed the total.
    paid_centavos   INTEGER NOT NULL CHECK (paid_centavos BETWEEN 0 AND total_centavos),
    in_doubt        INTEGER NOT NULL, -- attempts in doubt
    sequence        INTEGER NOT NULL, -- of its last change, store-wide
    lapse_at        INTEGER,          -- when time alone changes it next
    created_at      INTEGER NOT NULL,
    body            TEXT    NOT NULL,
    pdv             TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX orders_by_sequence ON orders (sequence);
CREATE INDEX orders_by_creation ON orders (account, created_at, id);
CREATE INDEX orders_by_code ON orders (account, code) WHERE code IS NOT NULL;
CREATE INDEX orders_lapsing ON orders (lapse_at) WHERE lapse_at IS NOT NULL;
CREATE INDEX orders_not_ended ON orders (status) WHERE status IN ('open', 'closing');
CREATE INDEX orders_in_doubt ON orders (account, created_at) WHERE in_doubt > 0;

CREATE TABLE attempts (
    id                INTEGER NOT NULL PRIMARY KEY,
    order_id          TEXT    NOT NULL REFERENCES orders (id),
    place             INTEGER NOT NULL,
    terminal          TEXT    NOT NULL,
    amount_centavos   INTEGER NOT NULL,
    reversed_centavos INTEGER NOT NULL CHECK (reversed_centavos BETWEEN 0 AND amount_centavos),
    outcome           TEXT,
    wanted_sequence   INTEGER, -- of the notice of a reversal that the PDV wants
    body              TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX attempts_by_order ON attempts (order_id, place);
CREATE INDEX attempts_wanted ON attempts (wanted_sequence) WHERE wanted_sequence IS NOT NULL;

-- Every claim ever granted: a repeated request must not grant an ended claim again.
CREATE TABLE claims (
    id          INTEGER NOT NULL PRIMARY KEY,
    order_id    TEXT    NOT NULL REFERENCES orders (id),
    terminal    TEXT    NOT NULL,
    fence       INTEGER NOT NULL,
    granted_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX claims_fence ON claims (order_id, fence);

-- Every reversal id ever seen, with its payment.
CREATE TABLE reversals (
    id          INTEGER NOT NULL PRIMARY KEY,
    attempt_id  INTEGER NOT NULL REFERENCES attempts (id)
) STRICT;

-- Every distinct report of an attempt, as it came.
CREATE TABLE reports (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    attempt_id   INTEGER NOT NULL,
    account      TEXT    NOT NULL,
    order_id     TEXT    NOT NULL,
    terminal     TEXT    NOT NULL,
    digest       BLOB    NOT NULL,
    message      TEXT    NOT NULL,
    flags        TEXT    NOT NULL,
    outcome      TEXT,
    received_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX reports_once ON reports (attempt_id, digest);

-- Messages that fit no order, as they came.
CREATE TABLE orphans (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account      TEXT    NOT NULL,
    terminal     TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    digest       BLOB    NOT NULL,
    message      TEXT    NOT NULL,
    received_at  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX orphans_once ON orphans (digest);
CREATE INDEX orphans_by_account ON orphans (account, id);

CREATE TABLE prints (
    id          TEXT    NOT NULL PRIMARY KEY,
    order_id    TEXT    NOT NULL REFERENCES orders (id),
    account     TEXT    NOT NULL,
    sequence    INTEGER NOT NULL,
    waiting     INTEGER NOT NULL, -- 1: its notice is in the feed
    created_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    body        TEXT    NOT NULL,
    content     TEXT    NOT NULL  -- empty once it is no longer kept
) STRICT;
CREATE INDEX prints_by_order ON prints (order_id, created_at);
CREATE INDEX prints_by_sequence ON prints (sequence);
CREATE INDEX prints_waiting ON prints (waiting) WHERE waiting = 1;
CREATE INDEX prints_ended ON prints (ended_at) WHERE ended_at IS NOT NULL AND content <> '';

-- What the PDV is told, append-only.
CREATE TABLE events (
    sequence    INTEGER NOT NULL PRIMARY KEY,
    id          TEXT    NOT NULL,
    account     TEXT    NOT NULL,
    type        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    order_id    TEXT,
    body        TEXT    NOT NULL
) STRICT;
CREATE INDEX events_by_account ON events (account, sequence);

-- Delivery of events to the PDV's webhooks: what still waits, and what was given up.
-- A delivered event leaves no row: the events table has it for good.

-- How far events were looked at for delivery. One row.
CREATE TABLE delivery_progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO delivery_progress (id, sequence) VALUES (1, 0);

CREATE TABLE deliveries (
    endpoint TEXT NOT NULL,
    event_sequence INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    -- The order's id; the event's own id when it has no order. Events of one lane are delivered one after the other.
    lane TEXT NOT NULL,
    -- 1 for the oldest event of its lane: only that one may be sent.
    head INTEGER NOT NULL CHECK (head IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('pending', 'failed')),
    tries INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    -- When the present row of tries began; NULL before the first.
    tried_since INTEGER,
    next_try_at INTEGER NOT NULL,
    last_status INTEGER,
    last_error TEXT,
    PRIMARY KEY (endpoint, event_sequence)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX deliveries_by_lane ON deliveries (endpoint, lane, event_sequence);
CREATE INDEX deliveries_due ON deliveries (endpoint, next_try_at)
    WHERE head = 1 AND state = 'pending';
CREATE INDEX deliveries_by_event ON deliveries (event_id);

CREATE TABLE idempotency (
    account       TEXT    NOT NULL,
    key           TEXT    NOT NULL,
    request_hash  BLOB    NOT NULL,
    order_id      TEXT    NOT NULL REFERENCES orders (id),
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (account, key)
) STRICT;
CREATE INDEX idempotency_by_age ON idempotency (created_at);

-- One-use codes and device tokens, both only as SHA-256.
CREATE TABLE activation_codes (
    code_hash   BLOB    NOT NULL PRIMARY KEY,
    account     TEXT    NOT NULL,
    serial      TEXT    NOT NULL,
    replaces    INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
    serial        TEXT    NOT NULL PRIMARY KEY,
    account       TEXT    NOT NULL,
    token_hash    BLOB,   -- NULL: not active
    activated_at  INTEGER,
    revoked       INTEGER NOT NULL
) STRICT;
