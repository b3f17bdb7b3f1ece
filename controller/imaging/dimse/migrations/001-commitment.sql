-- Requests for storage commitment, until their report is delivered (PS3.4, J). Times are the controller's scale.

CREATE TABLE commitment (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,                 -- whose request it is
  transaction_uid TEXT NOT NULL,
  items TEXT NOT NULL,                 -- JSON: [[SOP Class UID, SOP Instance UID], …]
  asked_ms INTEGER NOT NULL,
  next_ms INTEGER,                     -- when to try; null: delivered, or given up
  tries INTEGER NOT NULL DEFAULT 0,
  delivered_ms INTEGER,
  UNIQUE (title, transaction_uid)
) STRICT;
CREATE INDEX commitment_due ON commitment (next_ms) WHERE next_ms IS NOT NULL;
