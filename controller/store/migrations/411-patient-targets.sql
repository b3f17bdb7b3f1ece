-- What a physician and a patient agreed that measurements at home should come to (controller/patient_access/targets.py).
-- It only grows: the newest row of each kind counts; one without any bound says that there is no target any more.

CREATE TABLE patient_target (
  id INTEGER PRIMARY KEY,
  patient TEXT NOT NULL,               -- the identifier
  kind TEXT NOT NULL,                  -- "blood-pressure", …
  low REAL,                            -- at least this, in the unit of the kind; NULL: no bound
  high REAL,                           -- below this
  second_high REAL,                    -- the diastolic one below this
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL               -- in the controller's time scale
) STRICT;
CREATE INDEX patient_target_of ON patient_target (patient, kind, id);
CREATE TRIGGER patient_target_no_update BEFORE UPDATE ON patient_target
BEGIN SELECT raise(ABORT, 'what was agreed only grows'); END;
CREATE TRIGGER patient_target_no_delete BEFORE DELETE ON patient_target
BEGIN SELECT raise(ABORT, 'what was agreed only grows'); END;
