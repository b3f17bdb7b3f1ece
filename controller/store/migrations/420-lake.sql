-- What the lake (controller/lake/) has to write again: days whose rows changed after they were written.
--
-- `seq` only rises: a day that changes once more while it is written again has a higher one, and stays.
CREATE TABLE lake_changed (
  what TEXT NOT NULL CHECK (what IN ('observation', 'waveform', 'alert')),
  day INTEGER NOT NULL,                -- whole days since 1970 of `at_us`
  seq INTEGER NOT NULL,
  PRIMARY KEY (what, day)
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('lake-changes', 0);

CREATE TRIGGER lake_observation AFTER UPDATE OF at_us, utc_us ON observation
WHEN old.at_us IS NOT new.at_us OR old.utc_us IS NOT new.utc_us
BEGIN
  UPDATE meta SET value = value + 1 WHERE key = 'lake-changes';
  INSERT INTO lake_changed (what, day, seq) VALUES
    ('observation', old.at_us / 86400000000 - (old.at_us % 86400000000 < 0),
      (SELECT value FROM meta WHERE key = 'lake-changes'))
  ON CONFLICT (what, day) DO UPDATE SET seq = excluded.seq;
  INSERT INTO lake_changed (what, day, seq) VALUES
    ('observation', new.at_us / 86400000000 - (new.at_us % 86400000000 < 0),
      (SELECT value FROM meta WHERE key = 'lake-changes'))
  ON CONFLICT (what, day) DO UPDATE SET seq = excluded.seq;
END;

CREATE TRIGGER lake_waveform AFTER UPDATE OF at_us, utc_us ON waveform
WHEN old.at_us IS NOT new.at_us OR old.utc_us IS NOT new.utc_us
BEGIN
  UPDATE meta SET value = value + 1 WHERE key = 'lake-changes';
  INSERT INTO lake_changed (what, day, seq) VALUES
    ('waveform', old.at_us / 86400000000 - (old.at_us % 86400000000 < 0),
      (SELECT value FROM meta WHERE key = 'lake-changes'))
  ON CONFLICT (what, day) DO UPDATE SET seq = excluded.seq;
  INSERT INTO lake_changed (what, day, seq) VALUES
    ('waveform', new.at_us / 86400000000 - (new.at_us % 86400000000 < 0),
      (SELECT value FROM meta WHERE key = 'lake-changes'))
  ON CONFLICT (what, day) DO UPDATE SET seq = excluded.seq;
END;

CREATE TRIGGER lake_alert AFTER UPDATE OF at_us, utc_us ON alert
WHEN old.at_us IS NOT new.at_us OR old.utc_us IS NOT new.utc_us
BEGIN
  UPDATE meta SET value = value + 1 WHERE key = 'lake-changes';
  INSERT INTO lake_changed (what, day, seq) VALUES
    ('alert', old.at_us / 86400000000 - (old.at_us % 86400000000 < 0),
      (SELECT value FROM meta WHERE key = 'lake-changes'))
  ON CONFLICT (what, day) DO UPDATE SET seq = excluded.seq;
  INSERT INTO lake_changed (what, day, seq) VALUES
    ('alert', new.at_us / 86400000000 - (new.at_us % 86400000000 < 0),
      (SELECT value FROM meta WHERE key = 'lake-changes'))
  ON CONFLICT (what, day) DO UPDATE SET seq = excluded.seq;
END;

-- The last generation of the lake that this database knows of.
INSERT INTO meta VALUES ('lake-generation', 0);
