-- What was measured minute by minute, and what was dropped for its age.

-- The readings of a series in one minute (minute 0 begins at at_us 0). `dropped` 0: of rows that are in
-- `observation`; 1: of rows that were, until they were dropped. A minute may have both.
CREATE TABLE rollup (
  series INTEGER NOT NULL REFERENCES series,
  minute INTEGER NOT NULL,
  dropped INTEGER NOT NULL CHECK (dropped IN (0, 1)),
  readings INTEGER NOT NULL,        -- with a value
  absent INTEGER NOT NULL,          -- without one
  low REAL, high REAL, total REAL,  -- of the values; null: there is none
  PRIMARY KEY (series, minute, dropped)
) STRICT, WITHOUT ROWID;

-- Observations with this id and smaller ones are in `rollup`.
INSERT INTO meta VALUES ('rolled-up', 0);

-- Minutes whose rows were moved or dropped: what `rollup` has of them with `dropped` 0 does not count.
CREATE TABLE rollup_doubtful (
  series INTEGER NOT NULL,
  minute INTEGER NOT NULL,
  PRIMARY KEY (series, minute)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER observation_moved AFTER UPDATE OF at_us ON observation WHEN old.at_us <> new.at_us
BEGIN
  INSERT OR IGNORE INTO rollup_doubtful VALUES
    (old.series, old.at_us / 60000000 - (old.at_us % 60000000 < 0)),
    (new.series, new.at_us / 60000000 - (new.at_us % 60000000 < 0));
END;

-- For each hour that the controller has run, what was to come after it. Age is counted in these hours:
-- a host's clock that jumps makes nothing old.
CREATE TABLE hour_run (
  hour INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  next_observation INTEGER NOT NULL,
  next_waveform INTEGER NOT NULL
) STRICT;

-- What was dropped, by series, stream and day of measurement (whole days since 1970).
CREATE TABLE dropped (
  id INTEGER PRIMARY KEY,
  what TEXT NOT NULL CHECK (what IN ('observation', 'waveform', 'rollup')),
  series INTEGER NOT NULL REFERENCES series,
  stream INTEGER REFERENCES stream, -- null: rollups
  day INTEGER NOT NULL,
  first INTEGER, last INTEGER,      -- of the stream's blocks that had them; null: rollups
  from_us INTEGER NOT NULL,         -- the first and the last time of measurement
  to_us INTEGER NOT NULL,
  records INTEGER NOT NULL,         -- of a rollup: the readings that it stood for
  why TEXT NOT NULL,
  dropped_ms INTEGER NOT NULL       -- the last time that one was
) STRICT;
CREATE UNIQUE INDEX dropped_key ON dropped (what, series, ifnull(stream, 0), day, why);
