-- Visits by video (controller/telemedicine/).
--
-- Times `*_ms` are in the controller's time scale, but for start_ms, which is UTC. Of links, codes and sessions
-- there are hashes only.

CREATE TABLE visit (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,         -- TV00000001
  stay INTEGER REFERENCES stay,        -- where the patient lay when it was booked: says whose it is, if corrected
  subject TEXT NOT NULL,               -- the patient's identifier then
  subject_name TEXT NOT NULL,
  way TEXT NOT NULL CHECK (way IN ('scheduled', 'bedside', 'vehicle')),
  host TEXT NOT NULL,                  -- who holds it
  start_ms INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  reason TEXT NOT NULL,
  follows TEXT NOT NULL,               -- number of the visit before; '': none
  state TEXT NOT NULL,                 -- states.py
  revision INTEGER NOT NULL,
  booked_by TEXT NOT NULL,
  booked_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL,
  began_ms INTEGER,
  ended_ms INTEGER
) STRICT;
CREATE INDEX visit_start ON visit (start_ms);
CREATE INDEX visit_host ON visit (host, start_ms);
CREATE INDEX visit_subject ON visit (subject);

-- What the patient said of each thing; it only grows, and the last one counts.
CREATE TABLE visit_consent (
  id INTEGER PRIMARY KEY,
  visit INTEGER NOT NULL REFERENCES visit,
  scope TEXT NOT NULL CHECK (scope IN ('video', 'recording', 'sharing')),
  said TEXT NOT NULL CHECK (said IN ('permit', 'deny', 'withdrawn')),
  text TEXT NOT NULL,                  -- the words that were shown
  language TEXT NOT NULL,
  by TEXT NOT NULL,                    -- "patient:4711", or who wrote it down
  at_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX visit_consent_of ON visit_consent (visit, id);
CREATE TRIGGER visit_consent_no_update BEFORE UPDATE ON visit_consent
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;
CREATE TRIGGER visit_consent_no_delete BEFORE DELETE ON visit_consent
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;

CREATE TABLE visit_link (
  id INTEGER PRIMARY KEY,
  visit INTEGER NOT NULL REFERENCES visit,
  guest TEXT NOT NULL CHECK (guest IN ('patient', 'guest')),
  name TEXT NOT NULL,                  -- a guest's
  digest BLOB NOT NULL UNIQUE,         -- of the token in the link
  code BLOB NOT NULL,                  -- of the six digits, salted by the token
  tries INTEGER NOT NULL,              -- wrong codes
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  used_ms INTEGER,
  revoked_ms INTEGER
) STRICT;
CREATE INDEX visit_link_of ON visit_link (visit);

CREATE TABLE visit_session (
  digest BLOB PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES visit_link,
  visit INTEGER NOT NULL REFERENCES visit,
  address TEXT NOT NULL,
  began_ms INTEGER NOT NULL,
  ended_ms INTEGER
) STRICT;
CREATE INDEX visit_session_of ON visit_session (visit) WHERE ended_ms IS NULL;

-- Pages in a visit's room. A number is never given to another page: from it follows who makes the offers.
CREATE TABLE visit_seat (
  visit INTEGER NOT NULL REFERENCES visit,
  number INTEGER NOT NULL,
  page BLOB NOT NULL,                  -- hash of the page's own secret
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  part TEXT NOT NULL,                  -- 'staff', 'patient', 'guest'
  at_ms INTEGER NOT NULL,
  left_ms INTEGER,
  PRIMARY KEY (visit, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX visit_seat_page ON visit_seat (visit, page, actor);
CREATE INDEX visit_seat_here ON visit_seat (visit) WHERE left_ms IS NULL;

-- What was written in a visit's room; it only grows.
CREATE TABLE visit_talk (
  id INTEGER PRIMARY KEY,
  visit INTEGER NOT NULL REFERENCES visit,
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  key TEXT NOT NULL                    -- the page's, by which a line that it says again is known
) STRICT;
CREATE UNIQUE INDEX visit_talk_once ON visit_talk (visit, actor, key);
CREATE INDEX visit_talk_of ON visit_talk (visit, id);
CREATE TRIGGER visit_talk_no_update BEFORE UPDATE ON visit_talk
BEGIN SELECT raise(ABORT, 'what was written only grows'); END;
CREATE TRIGGER visit_talk_no_delete BEFORE DELETE ON visit_talk
BEGIN SELECT raise(ABORT, 'what was written only grows'); END;
