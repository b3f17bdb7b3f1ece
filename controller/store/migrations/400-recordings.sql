-- Recordings of rooms (controller/telemedicine/recordings/). Pictures and sound are in files, sealed by their page.
--
-- Times `*_ms` are in the controller's time scale; those of chunks are counted from the begin of their run.

CREATE TABLE recording (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,         -- RC00000001
  room TEXT NOT NULL,                  -- the meeting's number: TV00000001
  by TEXT NOT NULL,                    -- who asked for it, and whose page records
  state TEXT NOT NULL,                 -- states.py
  key TEXT,                            -- sealed (keys/recordings.key); NULL: destroyed
  media TEXT NOT NULL,                 -- media type, with codecs
  asked_ms INTEGER NOT NULL,
  stopped_ms INTEGER,
  why TEXT NOT NULL,                   -- why it stopped
  erase_ms INTEGER,                    -- when it is due to be erased
  chunks INTEGER,                      -- once it is kept: how many, and the hash of the last
  head BLOB,
  erased_ms INTEGER
) STRICT;
CREATE INDEX recording_of ON recording (room);

-- What everybody in the room but the patient said of it; it only grows, and the last word of each counts. What the
-- patient said is in visit_consent.
CREATE TABLE recording_said (
  id INTEGER PRIMARY KEY,
  recording INTEGER NOT NULL REFERENCES recording,
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  said TEXT NOT NULL CHECK (said IN ('permit', 'deny', 'withdrawn')),
  text TEXT NOT NULL,                  -- the words that were shown
  language TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX recording_said_of ON recording_said (recording, id);
CREATE TRIGGER recording_said_no_update BEFORE UPDATE ON recording_said
BEGIN SELECT raise(ABORT, 'what was said only grows'); END;
CREATE TRIGGER recording_said_no_delete BEFORE DELETE ON recording_said
BEGIN SELECT raise(ABORT, 'what was said only grows'); END;

-- From when to when everybody had agreed and it ran; each run is a file of its own for a player.
CREATE TABLE recording_run (
  recording INTEGER NOT NULL REFERENCES recording,
  n INTEGER NOT NULL,
  seat INTEGER NOT NULL,               -- of the page that records
  from_ms INTEGER NOT NULL,
  to_ms INTEGER,                       -- NULL: it runs
  PRIMARY KEY (recording, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE recording_chunk (
  recording INTEGER NOT NULL,
  n INTEGER NOT NULL,
  run INTEGER NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  before BLOB NOT NULL,                -- the hash of the one before; of the first: zeros
  digest BLOB NOT NULL,                -- SHA-256 of the box
  bytes INTEGER NOT NULL,
  PRIMARY KEY (recording, n),
  FOREIGN KEY (recording, run) REFERENCES recording_run
) STRICT, WITHOUT ROWID;
CREATE TRIGGER recording_chunk_no_update BEFORE UPDATE ON recording_chunk
BEGIN SELECT raise(ABORT, 'what was recorded is not changed'); END;
CREATE TRIGGER recording_chunk_no_delete BEFORE DELETE ON recording_chunk
BEGIN SELECT raise(ABORT, 'what was recorded is not forgotten'); END;
