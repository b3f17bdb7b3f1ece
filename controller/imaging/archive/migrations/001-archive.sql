-- What the archive of images holds: the index over its files, and what was not let in.
--
-- Times `*_ms` are the controller's own time scale (controller/clock.py). Texts of DICOM are kept as they came,
-- without padding; `folded` ones are for searching: small letters without marks (controller/imaging/archive/names.py).
-- A patient's folded name has its component groups in one text, 'muster^anna=...': names.patterns gives GLOB patterns.

CREATE TABLE study (
  id INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  patient_id TEXT NOT NULL,            -- '' when the files name none
  issuer TEXT NOT NULL,
  patient_name TEXT NOT NULL,          -- alphabetic component group, PS3.5 6.2 PN
  folded TEXT NOT NULL,
  birth_date TEXT NOT NULL,
  sex TEXT NOT NULL,
  date TEXT NOT NULL,                  -- YYYYMMDD or ''
  time TEXT NOT NULL,
  accession TEXT NOT NULL,
  study_id TEXT NOT NULL,
  description TEXT NOT NULL,
  referring TEXT NOT NULL,             -- referring physician's name
  modalities TEXT NOT NULL,            -- of its series, in order, with a backslash before, between and after: '\CT\SR\'
  series INTEGER NOT NULL,             -- how many
  instances INTEGER NOT NULL,
  attributes BLOB NOT NULL,            -- DICOM JSON of the patient's and the study's attributes, from the first instance
  held TEXT NOT NULL DEFAULT '',       -- why only those who reconcile see it: a word of reconciliation.reason; '': all see it
  urgency INTEGER NOT NULL DEFAULT 0,  -- what a plug-in or a person thinks of it: 0 routine … 3 at once
  first_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX study_patient ON study (patient_id);
CREATE INDEX study_accession ON study (accession) WHERE accession <> '';
CREATE INDEX study_date ON study (date, time);
CREATE INDEX study_folded ON study (folded);
CREATE INDEX study_changed ON study (changed_ms);

CREATE VIRTUAL TABLE name USING fts5 (words, prefix = '2 3', detail = column);
-- rowid: study.id; words: the folded patient's name, its parts separated by spaces

CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  study INTEGER NOT NULL REFERENCES study ON DELETE CASCADE,
  uid TEXT NOT NULL UNIQUE,
  modality TEXT NOT NULL,
  number INTEGER,
  description TEXT NOT NULL,
  body_part TEXT NOT NULL,
  date TEXT NOT NULL,
  time TEXT NOT NULL,
  instances INTEGER NOT NULL,
  attributes BLOB NOT NULL,            -- DICOM JSON of the series' attributes, from the first instance
  dictionary BLOB NOT NULL             -- of the metadata of its first instance: zlib's dictionary for instance.metadata
) STRICT;
CREATE INDEX series_study ON series (study, number);

CREATE TABLE instance (
  id INTEGER PRIMARY KEY,
  series INTEGER NOT NULL REFERENCES series ON DELETE CASCADE,
  uid TEXT NOT NULL UNIQUE,
  class TEXT NOT NULL,                 -- SOP Class UID
  number INTEGER,
  syntax TEXT NOT NULL,                -- transfer syntax UID of the file
  file BLOB NOT NULL REFERENCES file,
  frames INTEGER NOT NULL,             -- 0: no pixel data
  pixel_offset INTEGER,                -- in the file, bytes; null: no pixel data, or deflated
  pixel_length INTEGER,
  pixel BLOB,                          -- DICOM JSON of what rendering needs (PIXEL_KEYS); null: no pixel data
  places BLOB,                         -- where the frames of encapsulated pixel data are (archive/frames.py)
  metadata BLOB NOT NULL,              -- the whole header as DICOM JSON, zlib with the series' dictionary
  added_ms INTEGER NOT NULL,
  added_by TEXT NOT NULL               -- "dicomweb:anna", "ae:CT1", "gateway:ambulance-7", "import:anna"
) STRICT;
CREATE INDEX instance_series ON instance (series, number);
CREATE INDEX instance_file ON instance (file);

CREATE TABLE file (
  sha256 BLOB PRIMARY KEY,
  size INTEGER NOT NULL,               -- bytes
  checked_ms INTEGER NOT NULL,         -- when its checksum was last seen to be right
  damaged TEXT NOT NULL DEFAULT ''     -- 'missing', 'changed': what a check found
) STRICT, WITHOUT ROWID;
CREATE INDEX file_checked ON file (checked_ms);
CREATE INDEX file_damaged ON file (damaged) WHERE damaged <> '';

-- Files that no row needs any more, until they are taken away.
CREATE TABLE gone (sha256 BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What was not let in, with its bytes, until a person has looked.
CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  from_whom TEXT NOT NULL,             -- as instance.added_by
  reason TEXT NOT NULL,                -- a word: 'not-dicom', 'truncated', 'differs', 'other-patient', …
  message TEXT NOT NULL,
  file BLOB REFERENCES file,           -- null: its bytes are not kept any more
  size INTEGER NOT NULL,
  study TEXT NOT NULL DEFAULT '',      -- UIDs as far as they could be read
  instance TEXT NOT NULL DEFAULT '',
  patient_id TEXT NOT NULL DEFAULT '',
  settled_ms INTEGER,
  settled_by TEXT,
  settled_how TEXT                     -- 'discarded', 'taken'
) STRICT;
CREATE INDEX quarantine_open ON quarantine (at_ms) WHERE settled_ms IS NULL;
CREATE INDEX quarantine_file ON quarantine (file) WHERE file IS NOT NULL;

-- Studies whose patient may be another than they say.
CREATE TABLE reconciliation (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  study TEXT NOT NULL,
  reason TEXT NOT NULL,                -- 'no-patient-id', 'unknown-patient', 'name-differs', 'birth-date-differs'
  message TEXT NOT NULL,
  patient_id TEXT NOT NULL,            -- as the files say
  patient_name TEXT NOT NULL,
  expected TEXT NOT NULL DEFAULT '',   -- as the hospital knows that patient
  settled_ms INTEGER,
  settled_by TEXT,
  settled_how TEXT                     -- 'confirmed', 'moved', 'deleted'
) STRICT;
CREATE UNIQUE INDEX reconciliation_open ON reconciliation (study) WHERE settled_ms IS NULL;

CREATE TABLE deletion (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  by TEXT NOT NULL,
  why TEXT NOT NULL,
  patient_id TEXT NOT NULL,
  study TEXT NOT NULL,
  series TEXT NOT NULL DEFAULT '',
  instance TEXT NOT NULL DEFAULT '',
  instances INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;
