-- What is written of a visit: notes, prescriptions that were signed in it, the summary for the patient
-- (controller/telemedicine/notes/). All of it only grows.

CREATE TABLE visit_note (
  visit INTEGER NOT NULL REFERENCES visit,
  version INTEGER NOT NULL,
  content TEXT NOT NULL,               -- JSON of notes/model.py: Note
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,              -- in the controller's time scale
  PRIMARY KEY (visit, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_prescribed (
  visit INTEGER NOT NULL REFERENCES visit,
  prescription INTEGER NOT NULL REFERENCES prescription,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (visit, prescription)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_summary (
  visit INTEGER NOT NULL REFERENCES visit,
  version INTEGER NOT NULL,
  content TEXT NOT NULL,               -- JSON of notes/model.py: Summary
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  utc_ms INTEGER NOT NULL,             -- the same moment in UTC: what is signed says this
  PRIMARY KEY (visit, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE visit_summary_signed (
  visit INTEGER NOT NULL,
  version INTEGER NOT NULL,
  by TEXT NOT NULL,
  utc_ms INTEGER NOT NULL,
  document TEXT NOT NULL,              -- FHIR R4 document, canonical JSON (RFC 8785)
  signature TEXT NOT NULL,             -- detached JWS of the person (controller/signing/)
  receipt TEXT NOT NULL,               -- the site's, for it
  PRIMARY KEY (visit, version),
  FOREIGN KEY (visit, version) REFERENCES visit_summary (visit, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER visit_note_no_update BEFORE UPDATE ON visit_note
BEGIN SELECT raise(ABORT, 'notes only grow'); END;
CREATE TRIGGER visit_note_no_delete BEFORE DELETE ON visit_note
BEGIN SELECT raise(ABORT, 'notes only grow'); END;
CREATE TRIGGER visit_summary_no_update BEFORE UPDATE ON visit_summary
BEGIN SELECT raise(ABORT, 'summaries only grow'); END;
CREATE TRIGGER visit_summary_no_delete BEFORE DELETE ON visit_summary
BEGIN SELECT raise(ABORT, 'summaries only grow'); END;
CREATE TRIGGER visit_summary_signed_no_update BEFORE UPDATE ON visit_summary_signed
BEGIN SELECT raise(ABORT, 'what was signed does not change'); END;
CREATE TRIGGER visit_summary_signed_no_delete BEFORE DELETE ON visit_summary_signed
BEGIN SELECT raise(ABORT, 'what was signed does not change'); END;
