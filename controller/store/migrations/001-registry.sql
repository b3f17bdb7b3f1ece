-- Who and what there is: wards, beds, patients, gateways, devices, and which device is on which bed.
-- Times `*_ms`, `*_us` are the controller's own time scale (controller/clock.py) unless named utc.

CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('registry', 0);  -- counts changes of this file's tables by people

CREATE TABLE ward (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE bed (
  id TEXT PRIMARY KEY,
  ward TEXT NOT NULL REFERENCES ward,
  name TEXT NOT NULL
) STRICT;

-- A patient on a bed; the one with no end is there now.
CREATE TABLE stay (
  id INTEGER PRIMARY KEY,
  bed TEXT NOT NULL REFERENCES bed,
  identifier TEXT NOT NULL,
  name TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER,
  by TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX stay_now ON stay (bed) WHERE to_ms IS NULL;

CREATE TABLE gateway (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  secret TEXT,             -- what the broker needs to know it; null: was never provisioned here
  added_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE device (
  id TEXT PRIMARY KEY,
  gateway TEXT NOT NULL REFERENCES gateway,
  profile TEXT,            -- null until a birth names it
  metrics TEXT NOT NULL,   -- JSON list of names
  added_ms INTEGER NOT NULL
) STRICT;

-- Where a device is; a null bed is a person's word that it is on none.
CREATE TABLE assignment (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL REFERENCES device,
  bed TEXT REFERENCES bed,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER,
  by TEXT                  -- user name; null: the gateway's configuration says so
) STRICT;
CREATE UNIQUE INDEX assignment_now ON assignment (device) WHERE to_ms IS NULL;
