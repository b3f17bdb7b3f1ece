-- The Idempotency-Key with which a transport was asked for: the same person with the same key asks once.

ALTER TABLE robot_transport ADD COLUMN key TEXT NOT NULL DEFAULT '';  -- '': there was none
CREATE UNIQUE INDEX transport_key ON robot_transport (asked_by, key) WHERE key <> '';
