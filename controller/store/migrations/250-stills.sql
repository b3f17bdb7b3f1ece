-- Pictures of a vehicle's crew on their way into the archive of images (controller/crew/stills.py).

-- Bytes of files, as gateways send them; they go once the archive has the whole file.
CREATE TABLE attachment (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
  boot INTEGER NOT NULL, mono_us INTEGER NOT NULL, at_us INTEGER NOT NULL, utc_us INTEGER,
  gateway TEXT NOT NULL, device TEXT, bed TEXT,
  digest BLOB NOT NULL,             -- SHA-256 of the whole file
  size INTEGER NOT NULL,            -- of the whole file, bytes
  "offset" INTEGER NOT NULL,        -- where in it `data` is
  data BLOB NOT NULL
) STRICT;
-- A box may send a file again, and other software of it in other chunks; the same chunk is one.
CREATE UNIQUE INDEX attachment_file ON attachment (gateway, digest, size, "offset", length(data));
CREATE INDEX attachment_no_utc ON attachment (boot) WHERE utc_us IS NULL;

-- A picture of the patient of one stay; the same one of the same stay is one, however often it was told.
CREATE TABLE still (
  id INTEGER PRIMARY KEY,
  event INTEGER NOT NULL REFERENCES crew_event, -- which told it, and when
  stay INTEGER NOT NULL REFERENCES stay,
  gateway TEXT NOT NULL,
  vehicle TEXT NOT NULL,
  box_stay TEXT NOT NULL,
  by TEXT NOT NULL,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  media TEXT NOT NULL,              -- 'image/jpeg', 'image/png'
  kind TEXT NOT NULL,               -- 'ultrasound', 'camera'
  shows TEXT NOT NULL,
  clock TEXT NOT NULL,              -- what the UTC of the box was worth: 'unset', 'free', 'network', 'satellite'
  error_ms INTEGER,                 -- the estimated error of it; null: not known
  state TEXT NOT NULL,              -- 'coming', 'received', 'archived', 'refused'
  why TEXT NOT NULL,                -- what the archive said; '': nothing
  patient_id TEXT NOT NULL DEFAULT '', -- under which it is in the archive
  UNIQUE (stay, digest)
) STRICT;
CREATE INDEX still_file ON still (gateway, digest);
CREATE INDEX still_open ON still (id) WHERE state IN ('coming', 'received');
