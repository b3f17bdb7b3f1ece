-- What a patient said may be undone for a while, and has a reason: the table is made anew, since its words are checked.

CREATE TABLE rx_taken_new (
  id INTEGER PRIMARY KEY,
  prescription INTEGER NOT NULL REFERENCES prescription,
  due_ms INTEGER,                      -- NULL: as needed
  said TEXT NOT NULL CHECK (said IN ('taken', 'skipped', 'undone')), -- undone: what was said of it last was a slip
  why TEXT NOT NULL DEFAULT '',        -- of what was skipped
  by TEXT NOT NULL,                    -- "patient:4711"
  at_ms INTEGER NOT NULL
) STRICT;
INSERT INTO rx_taken_new (id, prescription, due_ms, said, by, at_ms)
SELECT id, prescription, due_ms, said, by, at_ms FROM rx_taken;
DROP TABLE rx_taken;
ALTER TABLE rx_taken_new RENAME TO rx_taken;
CREATE INDEX rx_taken_of ON rx_taken (prescription, id);
CREATE TRIGGER rx_taken_no_update BEFORE UPDATE ON rx_taken
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;
CREATE TRIGGER rx_taken_no_delete BEFORE DELETE ON rx_taken
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;
