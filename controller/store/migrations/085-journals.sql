-- What was last heard of each journal: what the proof says beside its numbers. Each with its time.
CREATE TABLE journal (
  journal BLOB PRIMARY KEY,
  gateway TEXT NOT NULL,
  heard_ms INTEGER NOT NULL,        -- when anything of it last arrived
  boot BLOB NOT NULL,               -- the boot in which it is written
  mono_us INTEGER NOT NULL,         -- the newest clock that a block or a state of it told
  utc_us INTEGER,                   -- null: UTC was not known
  sync INTEGER NOT NULL,
  error_us INTEGER,
  told_ms INTEGER,                  -- when its gateway last said that it writes this one; null: never
  waiting TEXT,                     -- JSON list by lane: blocks without a receipt then, of all its journals
  oldest_us TEXT                    -- JSON list by lane: the age of the oldest of them then, or null
) STRICT, WITHOUT ROWID;
