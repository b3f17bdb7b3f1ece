-- Cohorts (controller/lake/cohorts/): definitions that were saved, each change a further version, and what they found.

CREATE TABLE cohort (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  definition TEXT NOT NULL,            -- JSON: CohortDefinition
  why TEXT NOT NULL,
  by TEXT NOT NULL,
  utc_ms INTEGER NOT NULL,
  UNIQUE (name, version)
) STRICT;
CREATE TRIGGER cohort_no_update BEFORE UPDATE ON cohort
BEGIN SELECT raise(ABORT, 'a version of a cohort stays as it is: save another'); END;
CREATE TRIGGER cohort_no_delete BEFORE DELETE ON cohort
BEGIN SELECT raise(ABORT, 'a version of a cohort stays as it is: save another'); END;

-- What one found in one generation of the lake: counts, and no patient.
CREATE TABLE cohort_run (
  id INTEGER PRIMARY KEY,
  cohort INTEGER NOT NULL REFERENCES cohort,
  generation INTEGER NOT NULL,
  found TEXT NOT NULL,                 -- JSON: Found, not yet cut for who may not see small numbers
  by TEXT NOT NULL,
  utc_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX cohort_run_of ON cohort_run (cohort, id);
CREATE TRIGGER cohort_run_no_update BEFORE UPDATE ON cohort_run
BEGIN SELECT raise(ABORT, 'what was found stays as it was found'); END;
CREATE TRIGGER cohort_run_no_delete BEFORE DELETE ON cohort_run
BEGIN SELECT raise(ABORT, 'what was found stays as it was found'); END;
