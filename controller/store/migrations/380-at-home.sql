-- Patients at home (controller/patient_access/): their homes, what they say of what was measured there, and the
-- visits that they enter from their own page.

-- A place where a patient lives: nobody of the hospital saw what is measured there.
CREATE TABLE home (
  place TEXT PRIMARY KEY REFERENCES bed (id),
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL               -- in the controller's time scale
) STRICT, WITHOUT ROWID;

-- What a patient says of a reading at home; it only grows, and the last one counts.
CREATE TABLE home_said (
  id INTEGER PRIMARY KEY,
  reading INTEGER NOT NULL,            -- the observation; it may have been dropped for its age since
  said TEXT NOT NULL CHECK (said IN ('mine', 'not-mine')),
  by TEXT NOT NULL,                    -- "patient:4711"
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX home_said_of ON home_said (reading, id);
CREATE TRIGGER home_said_no_update BEFORE UPDATE ON home_said
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;
CREATE TRIGGER home_said_no_delete BEFORE DELETE ON home_said
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;

-- Digest of the patient's session from which a visit was entered: it ends with that one. NULL: by a link.
ALTER TABLE visit_session ADD COLUMN own BLOB;
