-- What was measured, and the ledger that proves it.
--
-- Every record has the same ten columns: where it was cut from (`stream`, block `number`, `place` in the
-- block), when it happened (`boot` and `mono_us` as the gateway counts, `at_us` in the controller's time
-- scale, `utc_us` by the gateway's clock or null), whose it is.

CREATE TABLE boot (
  id INTEGER PRIMARY KEY,
  boot BLOB NOT NULL UNIQUE,
  gateway TEXT NOT NULL,
  offset_us INTEGER NOT NULL,       -- controller's time less the gateway's monotonic time
  measured_us INTEGER NOT NULL,     -- when that was last estimated
  first_observation INTEGER NOT NULL, -- observations of this boot have this id or a later one
  first_waveform INTEGER NOT NULL,  -- and its waveforms this one
  utc_offset_us INTEGER             -- UTC less monotonic time, once any block knew it
) STRICT;

CREATE TABLE stream (
  id INTEGER PRIMARY KEY,
  journal BLOB NOT NULL,
  lane INTEGER NOT NULL,
  gateway TEXT NOT NULL,            -- whoever used the journal first
  produced INTEGER NOT NULL,        -- the next block number, as far as is known
  resent INTEGER NOT NULL DEFAULT 0, -- blocks that came again and changed nothing
  UNIQUE (journal, lane)
) STRICT;

CREATE TABLE ledger (
  stream INTEGER NOT NULL REFERENCES stream,
  kind TEXT NOT NULL CHECK (kind IN ('committed', 'quarantined', 'shed')),
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (stream, kind, first)
) STRICT, WITHOUT ROWID;

-- One metric of one device at one bed (null: on none then).
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL,
  bed TEXT,
  metric TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX series_key ON series (device, metric, ifnull(bed, ''));
CREATE INDEX series_bed ON series (bed, metric);

CREATE TABLE observation (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
  boot INTEGER NOT NULL, mono_us INTEGER NOT NULL, at_us INTEGER NOT NULL, utc_us INTEGER,
  series INTEGER NOT NULL REFERENCES series,
  value REAL,                       -- null: none, for `reason`
  reason INTEGER,
  quality INTEGER NOT NULL
) STRICT;
CREATE INDEX observation_time ON observation (series, at_us, value);
CREATE INDEX observation_no_utc ON observation (boot) WHERE utc_us IS NULL;

CREATE TABLE waveform (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
  boot INTEGER NOT NULL, mono_us INTEGER NOT NULL, at_us INTEGER NOT NULL, utc_us INTEGER,
  series INTEGER NOT NULL REFERENCES series,
  rate_mhz INTEGER NOT NULL,
  scale REAL NOT NULL,
  "offset" REAL NOT NULL,
  samples BLOB NOT NULL,            -- int16, little-endian; -32768: no sample
  quality INTEGER NOT NULL
) STRICT;
CREATE INDEX waveform_time ON waveform (series, at_us);
CREATE INDEX waveform_no_utc ON waveform (boot) WHERE utc_us IS NULL;

CREATE TABLE device_event (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
  boot INTEGER NOT NULL, mono_us INTEGER NOT NULL, at_us INTEGER NOT NULL, utc_us INTEGER,
  gateway TEXT NOT NULL, device TEXT, bed TEXT,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL              -- JSON
) STRICT;
CREATE INDEX device_event_time ON device_event (device, kind, at_us);
CREATE INDEX device_event_no_utc ON device_event (boot) WHERE utc_us IS NULL;

CREATE TABLE alert (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
  boot INTEGER NOT NULL, mono_us INTEGER NOT NULL, at_us INTEGER NOT NULL, utc_us INTEGER,
  gateway TEXT NOT NULL, device TEXT, bed TEXT,
  code TEXT NOT NULL,
  priority INTEGER NOT NULL,
  active INTEGER NOT NULL,
  detail TEXT NOT NULL              -- JSON
) STRICT;
CREATE INDEX alert_time ON alert (gateway, device, code, at_us);
CREATE INDEX alert_no_utc ON alert (boot) WHERE utc_us IS NULL;

-- Records of a metric or an event that this software does not know, as they came (CBOR).
CREATE TABLE unknown_record (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
  boot INTEGER NOT NULL, mono_us INTEGER NOT NULL, at_us INTEGER NOT NULL, utc_us INTEGER,
  gateway TEXT NOT NULL, device TEXT, bed TEXT,
  raw BLOB NOT NULL
) STRICT;
CREATE INDEX unknown_record_no_utc ON unknown_record (boot) WHERE utc_us IS NULL;

-- Blocks that will never come, in the words of the gateway that gave them up.
CREATE TABLE gap (
  id INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL, number INTEGER NOT NULL, place INTEGER NOT NULL,
  gateway TEXT NOT NULL,
  of_stream INTEGER NOT NULL REFERENCES stream,
  ranges TEXT NOT NULL,             -- JSON list of [first, last]
  boot BLOB NOT NULL, from_us INTEGER NOT NULL, to_us INTEGER NOT NULL, -- monotonic time of that boot
  why TEXT NOT NULL
) STRICT;

-- Messages that could not be used. Those of a ledger's block (`stream` known) are the only copy: never dropped.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE,      -- of topic and payload: the same message again only counts
  gateway TEXT NOT NULL,
  topic TEXT NOT NULL,
  reason TEXT NOT NULL,             -- a code: malformed, contract, misaddressed, wrong-lane, oversized
  detail TEXT NOT NULL,
  payload BLOB NOT NULL,            -- whole, or the beginning of an oversized one
  size INTEGER NOT NULL,
  stream INTEGER REFERENCES stream,
  number INTEGER,
  first_ms INTEGER NOT NULL,
  last_ms INTEGER NOT NULL,
  times INTEGER NOT NULL
) STRICT;

-- What ingest counted, by gateway: damaged, misaddressed, …
CREATE TABLE counter (
  gateway TEXT NOT NULL,
  name TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (gateway, name)
) STRICT, WITHOUT ROWID;
