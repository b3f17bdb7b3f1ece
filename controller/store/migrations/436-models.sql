-- What a model of early warning said of the patients on the beds, each time it looked, or why it said nothing
-- (controller/models/scoring.py). What a page shows is the newest row of the stay: what was shown can be told later,
-- with the model's version. Times are in the controller's time scale.
CREATE TABLE model_score (
  id INTEGER PRIMARY KEY,
  stay INTEGER NOT NULL REFERENCES stay,
  at_ms INTEGER NOT NULL,
  model TEXT NOT NULL,
  version TEXT NOT NULL,             -- of the model's file: its SHA-256, 12 digits
  probability REAL,                  -- NULL: not computed
  why TEXT NOT NULL,                 -- JSON: by parameter why not; {}: it was computed
  inputs TEXT NOT NULL,              -- JSON: the features, in the order of the file; []: not computed
  seen TEXT NOT NULL                 -- JSON: by parameter when it was last seen, ms
) STRICT;
CREATE INDEX model_score_of ON model_score (stay, id);
CREATE INDEX model_score_at ON model_score (at_ms);
CREATE TRIGGER model_score_no_update BEFORE UPDATE ON model_score
BEGIN SELECT raise(ABORT, 'what a model said stays as it was said'); END;
