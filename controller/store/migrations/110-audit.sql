-- The audit trail (controller/audit/): it only grows.

CREATE TABLE audit (
  number INTEGER PRIMARY KEY,  -- 1, 2, 3 … without a hole
  entry TEXT NOT NULL,         -- canonical JSON
  hash BLOB NOT NULL,          -- over the entry and the hash before it
  utc_us INTEGER GENERATED ALWAYS AS (json_extract(entry, '$.utc_us')) VIRTUAL,
  action TEXT GENERATED ALWAYS AS (json_extract(entry, '$.action')) VIRTUAL,
  actor TEXT GENERATED ALWAYS AS (json_extract(entry, '$.actor')) VIRTUAL,
  entity TEXT GENERATED ALWAYS AS (json_extract(entry, '$.entity')) VIRTUAL,
  patient TEXT GENERATED ALWAYS AS (json_extract(entry, '$.patient')) VIRTUAL
) STRICT;
CREATE INDEX audit_patient ON audit (patient, utc_us) WHERE patient IS NOT NULL;
CREATE INDEX audit_actor ON audit (actor, utc_us);
CREATE INDEX audit_time ON audit (utc_us);
CREATE INDEX audit_closed ON audit (entity) WHERE action = 'events-closed';
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_in_order BEFORE INSERT ON audit
WHEN NEW.number IS NOT (SELECT ifnull(max(number), 0) + 1 FROM audit)
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;

-- Up to which entry a receiver of the trail has it.
CREATE TABLE audit_sent (receiver TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
