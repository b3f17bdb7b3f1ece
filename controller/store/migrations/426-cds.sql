-- What services of decision support (CDS Hooks) were asked, what they answered, and what became of it
-- (controller/cds/looks.py). It only grows, but for what became of feedback. Times are in the controller's time scale.
CREATE TABLE cds_look (
  id INTEGER PRIMARY KEY,
  hook TEXT NOT NULL CHECK (hook IN ('patient-view', 'order-sign')),
  instance TEXT NOT NULL UNIQUE,     -- hookInstance: a UUID
  identifier TEXT NOT NULL,          -- the patient's when it was asked
  prescription INTEGER REFERENCES prescription,
  revision INTEGER,                  -- of the prescription, as it was told
  answers TEXT NOT NULL,             -- JSON: by service what it said, or why it was not checked
  by TEXT NOT NULL,
  asked_ms INTEGER NOT NULL,
  done_ms INTEGER NOT NULL,
  CHECK ((hook = 'order-sign') = (prescription IS NOT NULL AND revision IS NOT NULL))
) STRICT;
CREATE INDEX cds_look_of ON cds_look (prescription, id) WHERE prescription IS NOT NULL;
CREATE INDEX cds_look_patient ON cds_look (identifier, id);
CREATE TRIGGER cds_look_no_update BEFORE UPDATE ON cds_look
BEGIN SELECT raise(ABORT, 'what was shown stays as it was shown'); END;
CREATE TRIGGER cds_look_no_delete BEFORE DELETE ON cds_look
BEGIN SELECT raise(ABORT, 'what was shown stays as it was shown'); END;

-- What a person did with a card.
CREATE TABLE cds_outcome (
  id INTEGER PRIMARY KEY,
  look INTEGER NOT NULL REFERENCES cds_look,
  card TEXT NOT NULL,                -- "service/number" within the look
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'overridden')),
  suggestion TEXT NOT NULL,          -- its uuid; '': none
  reason TEXT NOT NULL,              -- JSON: the Coding that was chosen; '': none
  comment TEXT NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  at_utc_ms INTEGER NOT NULL,
  told TEXT NOT NULL DEFAULT 'due' CHECK (told IN ('due', 'told', 'not-told', 'no-uuid')),  -- the service
  tries INTEGER NOT NULL DEFAULT 0,
  told_why TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX cds_outcome_of ON cds_outcome (look, id);
CREATE INDEX cds_outcome_due ON cds_outcome (id) WHERE told = 'due';
CREATE TRIGGER cds_outcome_no_delete BEFORE DELETE ON cds_outcome
BEGIN SELECT raise(ABORT, 'what was done with a card only grows'); END;
CREATE TRIGGER cds_outcome_no_update
BEFORE UPDATE OF look, card, outcome, suggestion, reason, comment, by, at_ms, at_utc_ms ON cds_outcome
BEGIN SELECT raise(ABORT, 'what was done with a card only grows'); END;
