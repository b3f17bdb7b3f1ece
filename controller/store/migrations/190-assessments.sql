-- What people assessed at the bed and no device measures (controller/scores/entries.py). It belongs to a stay, so
-- that it never follows a bed to its next patient. It only grows: a correction is another entry.

CREATE TABLE assessment (
  id INTEGER PRIMARY KEY,
  stay INTEGER NOT NULL REFERENCES stay,
  kind TEXT NOT NULL CHECK (kind IN ('consciousness', 'oxygen', 'scale', 'gcs')),
  value TEXT NOT NULL,     -- JSON
  at_ms INTEGER NOT NULL,  -- when it was entered, in the controller's time scale
  by TEXT NOT NULL
) STRICT;
CREATE INDEX assessment_stay ON assessment (stay, kind, id);
CREATE TRIGGER assessment_no_update BEFORE UPDATE ON assessment
BEGIN SELECT raise(ABORT, 'assessments only grow: enter another'); END;
CREATE TRIGGER assessment_no_delete BEFORE DELETE ON assessment
BEGIN SELECT raise(ABORT, 'assessments only grow: enter another'); END;
