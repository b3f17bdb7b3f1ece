-- What is drawn on pictures in a room, and checklists that are gone through there (controller/telemedicine/marks/,
-- checklists/). A picture that is frozen is not here: it is kept in memory only.

CREATE TABLE room_mark (
  room TEXT NOT NULL,
  id TEXT NOT NULL,                    -- the page's, by which a mark that it says again is known
  author INTEGER NOT NULL,             -- number of the seat
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  still TEXT NOT NULL,                 -- on this frozen picture; '': on the live one
  body TEXT NOT NULL,                  -- JSON: whose picture, kind, points; '' once it is gone, since it may hold
                                       -- a small part of the picture
  at_ms INTEGER NOT NULL,
  gone_ms INTEGER,
  gone_by TEXT NOT NULL,
  PRIMARY KEY (room, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_mark_here ON room_mark (room, at_ms) WHERE gone_ms IS NULL;

-- Whether guests may draw; without a row they may not.
CREATE TABLE room_marking (
  room TEXT PRIMARY KEY,
  guests INTEGER NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The one begun last is on. What was done only grows: the last word on a step counts.
CREATE TABLE room_checklist (
  id INTEGER PRIMARY KEY,
  room TEXT NOT NULL,
  list TEXT NOT NULL,                  -- of the library; '': none is on any more
  actor TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX room_checklist_of ON room_checklist (room, id);
CREATE TABLE room_step (
  id INTEGER PRIMARY KEY,
  checklist INTEGER NOT NULL REFERENCES room_checklist,
  step TEXT NOT NULL,
  done INTEGER NOT NULL,
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX room_step_of ON room_step (checklist, id);
CREATE TRIGGER room_step_no_update BEFORE UPDATE ON room_step
BEGIN SELECT raise(ABORT, 'what was done only grows'); END;
CREATE TRIGGER room_step_no_delete BEFORE DELETE ON room_step
BEGIN SELECT raise(ABORT, 'what was done only grows'); END;

-- A robot's tablet comes into a room by a link, too. SQLite cannot change a CHECK: both tables are made anew.
CREATE TABLE visit_link_next (
  id INTEGER PRIMARY KEY,
  visit INTEGER NOT NULL REFERENCES visit,
  guest TEXT NOT NULL CHECK (guest IN ('patient', 'guest', 'robot')),
  name TEXT NOT NULL,                  -- a guest's, a robot's
  digest BLOB NOT NULL UNIQUE,         -- of the token in the link
  code BLOB NOT NULL,                  -- of the six digits, salted by the token
  tries INTEGER NOT NULL,              -- wrong codes
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  used_ms INTEGER,
  revoked_ms INTEGER
) STRICT;
INSERT INTO visit_link_next (id, visit, guest, name, digest, code, tries, by, at_ms, used_ms, revoked_ms)
SELECT id, visit, guest, name, digest, code, tries, by, at_ms, used_ms, revoked_ms FROM visit_link;
CREATE TABLE visit_session_next (
  digest BLOB PRIMARY KEY,
  link INTEGER NOT NULL REFERENCES visit_link_next,
  visit INTEGER NOT NULL REFERENCES visit,
  address TEXT NOT NULL,
  began_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  own BLOB                             -- see 380-at-home.sql
) STRICT;
INSERT INTO visit_session_next (digest, link, visit, address, began_ms, ended_ms, own)
SELECT digest, link, visit, address, began_ms, ended_ms, own FROM visit_session;
DROP TABLE visit_session;
DROP TABLE visit_link;
ALTER TABLE visit_link_next RENAME TO visit_link;
ALTER TABLE visit_session_next RENAME TO visit_session;
CREATE INDEX visit_link_of ON visit_link (visit);
CREATE INDEX visit_session_of ON visit_session (visit) WHERE ended_ms IS NULL;
