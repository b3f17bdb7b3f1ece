-- Patients who see their own medicines (controller/patient_access/).
--
-- Times `*_ms` are in the controller's time scale, but for due_ms, which is UTC. Of a code and of a session's
-- token there are hashes only. `identifier` is the patient's when it was made: of a patient whose identity was
-- corrected since, nothing of it holds any more.

CREATE TABLE patient_invitation (
  id INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patient,
  identifier TEXT NOT NULL,
  code BLOB NOT NULL UNIQUE,
  tries INTEGER NOT NULL,              -- wrong birth dates that were said with it
  until_ms INTEGER NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX patient_invitation_one ON patient_invitation (patient); -- a new one replaces the one before

CREATE TABLE patient_session (
  digest BLOB PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,             -- by which staff end it
  patient INTEGER NOT NULL REFERENCES patient,
  identifier TEXT NOT NULL,
  invited_by TEXT NOT NULL,
  address TEXT NOT NULL,
  began_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL             -- to five minutes
) STRICT;
CREATE INDEX patient_session_of ON patient_session (patient);

-- What patients say of what they took; it only grows: the last one of a dose counts.
CREATE TABLE rx_taken (
  id INTEGER PRIMARY KEY,
  prescription INTEGER NOT NULL REFERENCES prescription,
  due_ms INTEGER,                      -- NULL: as needed
  said TEXT NOT NULL CHECK (said IN ('taken', 'skipped')),
  by TEXT NOT NULL,                    -- "patient:4711"
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX rx_taken_of ON rx_taken (prescription, id);
CREATE TRIGGER rx_taken_no_update BEFORE UPDATE ON rx_taken
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;
CREATE TRIGGER rx_taken_no_delete BEFORE DELETE ON rx_taken
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;

-- What has ended lately, hence whose payment goes back (controller/api/payments_withdrawn.py).
CREATE INDEX rx_dispense_ended ON rx_dispense (changed_ms) WHERE state IN ('cancelled', 'declined', 'stopped');
CREATE INDEX rx_task_ended ON rx_task (changed_ms) WHERE state IN ('rejected', 'cancelled', 'failed');
