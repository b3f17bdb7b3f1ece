-- Demands that a recording be erased, where the hospital has to keep it unless a physician says otherwise
-- (controller/telemedicine/recordings/erasures.py). Where consent alone carried it there are none: it is erased at once.
--
-- Times `*_ms` are in the controller's time scale.

CREATE TABLE recording_erasure (
  id INTEGER PRIMARY KEY,
  recording INTEGER NOT NULL REFERENCES recording,
  state TEXT NOT NULL,                 -- erasures.py
  by TEXT NOT NULL,                    -- who demanded it: "patient:4711"
  why TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  answered_by TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',     -- why so, for the patient to read
  answered_ms INTEGER
) STRICT;
CREATE INDEX recording_erasure_of ON recording_erasure (recording, id);
