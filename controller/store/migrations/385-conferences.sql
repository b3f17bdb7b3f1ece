-- Conferences of experts (controller/conferences/).
--
-- Times `*_ms` are in the controller's time scale, but for start_ms and proposed_ms, which are UTC. An actor is
-- the name of an account, or "site:hospital-b/li" of a partner site.

CREATE TABLE expert (
  site TEXT NOT NULL,                  -- '': of this site
  name TEXT NOT NULL,
  profile TEXT NOT NULL,               -- JSON of model.Profile
  revision INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL,
  PRIMARY KEY (site, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE conference (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,         -- MC00000001
  title TEXT NOT NULL,
  start_ms INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  scribe TEXT NOT NULL,                -- an actor; '': the chair alone writes
  state TEXT NOT NULL,                 -- states.py
  revision INTEGER NOT NULL,
  requester TEXT NOT NULL,             -- an actor
  requested_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL,
  began_ms INTEGER,
  began_utc_ms INTEGER,                -- for what is signed: by UTC, written once
  ended_ms INTEGER,
  closed_ms INTEGER,
  closed_why TEXT NOT NULL
) STRICT;
CREATE INDEX conference_start ON conference (start_ms);

CREATE TABLE conference_member (
  conference INTEGER NOT NULL REFERENCES conference,
  site TEXT NOT NULL,
  name TEXT NOT NULL,
  display TEXT NOT NULL,
  part TEXT NOT NULL CHECK (part IN ('chair', 'expert', 'presenter')),
  required INTEGER NOT NULL,
  answer TEXT NOT NULL,                -- states.py
  why TEXT NOT NULL,
  proposed_ms INTEGER,
  answered_ms INTEGER,
  place INTEGER NOT NULL,              -- in the order in which they were asked
  PRIMARY KEY (conference, site, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX conference_member_of ON conference_member (site, name);

CREATE TABLE conference_case (
  id INTEGER PRIMARY KEY,
  conference INTEGER NOT NULL REFERENCES conference,
  place INTEGER NOT NULL,
  stay INTEGER REFERENCES stay,        -- where the patient lay when it was asked for: says whose it is, if corrected
  subject TEXT NOT NULL,               -- the patient's identifier then
  subject_name TEXT NOT NULL,
  question TEXT NOT NULL,
  minutes INTEGER NOT NULL,
  presenter TEXT NOT NULL,
  state TEXT NOT NULL                  -- states.py
) STRICT;
CREATE INDEX conference_case_of ON conference_case (conference, place);
CREATE INDEX conference_case_subject ON conference_case (subject);
CREATE UNIQUE INDEX conference_case_now ON conference_case (conference) WHERE state = 'now';

-- What of the record is chosen to be shown with a case.
CREATE TABLE conference_item (
  id INTEGER PRIMARY KEY,
  conference_case INTEGER NOT NULL REFERENCES conference_case,
  kind TEXT NOT NULL,                  -- items.py
  what TEXT NOT NULL,                  -- JSON, by kind
  title TEXT NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  removed_ms INTEGER
) STRICT;
CREATE INDEX conference_item_of ON conference_item (conference_case);

-- What a patient said of others seeing the record; it only grows, and the last one of each thing counts.
CREATE TABLE sharing_consent (
  id INTEGER PRIMARY KEY,
  patient TEXT NOT NULL,
  what TEXT NOT NULL,                  -- for what: "conference/MC00000001"
  sites TEXT NOT NULL,                 -- JSON: the names of other sites that it is for, too
  said TEXT NOT NULL CHECK (said IN ('permit', 'deny', 'withdrawn')),
  text TEXT NOT NULL,                  -- the words that were shown
  language TEXT NOT NULL,
  by TEXT NOT NULL,                    -- "patient:4711", or who wrote it down
  at_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX sharing_consent_of ON sharing_consent (patient, what, id);
CREATE INDEX sharing_consent_for ON sharing_consent (what, id);
CREATE TRIGGER sharing_consent_no_update BEFORE UPDATE ON sharing_consent
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;
CREATE TRIGGER sharing_consent_no_delete BEFORE DELETE ON sharing_consent
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;

-- Who took part without a seat of their own in the room: at somebody else's screen.
CREATE TABLE conference_present (
  conference INTEGER NOT NULL REFERENCES conference,
  actor TEXT NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (conference, actor)
) STRICT, WITHOUT ROWID;

-- Each version of what was concluded of a case is kept for ever, and so is what was signed.
CREATE TABLE conference_conclusion (
  conference_case INTEGER NOT NULL REFERENCES conference_case,
  version INTEGER NOT NULL,
  conclusion TEXT NOT NULL,
  plan TEXT NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  utc_ms INTEGER NOT NULL,
  document TEXT NOT NULL,              -- that is signed
  PRIMARY KEY (conference_case, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE conference_signed (
  conference_case INTEGER NOT NULL,
  version INTEGER NOT NULL,
  actor TEXT NOT NULL,
  stand TEXT NOT NULL CHECK (stand IN ('agrees', 'differs')),
  words TEXT NOT NULL,                 -- of who differs
  document TEXT NOT NULL,
  signature TEXT NOT NULL,
  receipt TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (conference_case, version, actor),
  FOREIGN KEY (conference_case, version) REFERENCES conference_conclusion
) STRICT, WITHOUT ROWID;
CREATE TRIGGER conference_conclusion_no_update BEFORE UPDATE ON conference_conclusion
BEGIN SELECT raise(ABORT, 'what was concluded only grows'); END;
CREATE TRIGGER conference_conclusion_no_delete BEFORE DELETE ON conference_conclusion
BEGIN SELECT raise(ABORT, 'what was concluded only grows'); END;
CREATE TRIGGER conference_signed_no_update BEFORE UPDATE ON conference_signed
BEGIN SELECT raise(ABORT, 'what was signed only grows'); END;
CREATE TRIGGER conference_signed_no_delete BEFORE DELETE ON conference_signed
BEGIN SELECT raise(ABORT, 'what was signed only grows'); END;

CREATE TABLE conference_notice (
  id INTEGER PRIMARY KEY,
  conference INTEGER NOT NULL REFERENCES conference,
  person TEXT NOT NULL,                -- the name of an account
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  read_ms INTEGER
) STRICT;
CREATE INDEX conference_notice_open ON conference_notice (person) WHERE read_ms IS NULL;
