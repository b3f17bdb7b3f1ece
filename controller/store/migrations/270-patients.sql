-- What the hospital knows of a patient beside where they lie (controller/patients/).
--
-- What was said only grows: a later row of the same thing replaces an earlier one in what is shown. `stay` is
-- where the patient lay when it was said: if that stay turns out to be of another patient, it goes along.
-- Times `*_ms` are in the controller's time scale.

CREATE TABLE patient (
  id INTEGER PRIMARY KEY,
  identifier TEXT NOT NULL UNIQUE,   -- the hospital's
  name TEXT NOT NULL,                -- of whom never had a stay; of all others the newest stay says it
  ward TEXT REFERENCES ward,         -- who looks after an out-patient; null: is none
  revision INTEGER NOT NULL,         -- counts changes of all of this, from 1 on
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX patient_ward ON patient (ward) WHERE ward IS NOT NULL;

CREATE TABLE patient_person (
  id INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patient,
  birth_date TEXT,                   -- FHIR R4, date: YYYY, YYYY-MM or YYYY-MM-DD; null: unknown
  sex TEXT CHECK (sex IN ('male', 'female', 'other', 'unknown')), -- FHIR R4, AdministrativeGender
  was TEXT,                          -- the identifier under which it was said, if there was better under the present one
  stay INTEGER REFERENCES stay,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX patient_person_of ON patient_person (patient, id);

-- Versions of allergies; a row without an allergy says that none is known.
CREATE TABLE patient_allergy (
  id INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patient,
  allergy INTEGER,                   -- the id of its first version
  code TEXT NOT NULL DEFAULT '',     -- '': it has only words
  system TEXT NOT NULL DEFAULT '',   -- URI of the code's system
  display TEXT NOT NULL DEFAULT '',
  criticality TEXT CHECK (criticality IN ('low', 'high', 'unable-to-assess')),
  reaction TEXT NOT NULL DEFAULT '',
  status TEXT CHECK (status IN ('active', 'inactive', 'resolved', 'entered-in-error')),
  stay INTEGER REFERENCES stay,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  CHECK ((allergy IS NULL) = (status IS NULL)),
  CHECK (allergy IS NULL OR display <> '')
) STRICT;
CREATE INDEX patient_allergy_of ON patient_allergy (patient, id);
CREATE INDEX patient_allergy_versions ON patient_allergy (allergy) WHERE allergy IS NOT NULL;

CREATE TABLE patient_measured (
  id INTEGER PRIMARY KEY,
  patient INTEGER NOT NULL REFERENCES patient,
  kind TEXT NOT NULL CHECK (kind IN ('weight', 'height', 'creatinine')),
  value INTEGER NOT NULL,            -- g, mm, nmol/L
  stay INTEGER REFERENCES stay,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL             -- when it was measured
) STRICT;
CREATE INDEX patient_measured_of ON patient_measured (patient, kind, at_ms, id);

CREATE TRIGGER patient_person_no_delete BEFORE DELETE ON patient_person
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
CREATE TRIGGER patient_person_no_update BEFORE UPDATE OF birth_date, sex, stay, by, at_ms ON patient_person
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
CREATE TRIGGER patient_allergy_no_delete BEFORE DELETE ON patient_allergy
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
CREATE TRIGGER patient_allergy_no_update
BEFORE UPDATE OF allergy, code, system, display, criticality, reaction, status, stay, by, at_ms ON patient_allergy
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
CREATE TRIGGER patient_measured_no_delete BEFORE DELETE ON patient_measured
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
CREATE TRIGGER patient_measured_no_update BEFORE UPDATE OF kind, value, stay, by, at_ms ON patient_measured
BEGIN SELECT raise(ABORT, 'what was said of a patient only grows'); END;
