-- Delivery of events to the PDV's webhooks: what still waits, and what was given up.
-- A delivered event leaves no row: the events table has it for good.

-- How far events were looked at for delivery. One row.
CREATE TABLE webhook_progress (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO webhook_progress (id, sequence) VALUES (1, 0);

CREATE TABLE webhook_delivery (
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

CREATE UNIQUE INDEX webhook_delivery_lane ON webhook_delivery (endpoint, lane, event_sequence);
CREATE INDEX webhook_delivery_due ON webhook_delivery (endpoint, next_try_at)
    WHERE head = 1 AND state = 'pending';
CREATE INDEX webhook_delivery_event ON webhook_delivery (event_id);
