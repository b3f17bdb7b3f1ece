-- What plug-ins are to look at, what became of it, and what they found. Times as controller/clock.py has them.

-- How far each source of things to look at has been read.
CREATE TABLE mark (source TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE job (
  id INTEGER PRIMARY KEY,
  plugin TEXT NOT NULL,
  version TEXT NOT NULL,
  source TEXT NOT NULL,
  kind TEXT NOT NULL,               -- a SOP class, 'lab-result', a waveform's metric
  subject TEXT NOT NULL,            -- what its source finds it by, JSON
  utc_us INTEGER NOT NULL,          -- when it was queued: the date of its report
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  message TEXT NOT NULL DEFAULT '', -- why it failed, or why nothing was to be seen
  UNIQUE (plugin, version, source, subject)
) STRICT;
CREATE INDEX job_open ON job (id) WHERE state IN ('waiting', 'running');
CREATE INDEX job_failed ON job (id) WHERE state = 'failed';

CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  job INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
  patient TEXT NOT NULL,            -- identifier; '': unknown
  bed TEXT NOT NULL DEFAULT '',
  at_us INTEGER NOT NULL,           -- when what was looked at was measured, or else when it was looked at
  told TEXT NOT NULL                -- controller.imaging.plugins.model.Finding, JSON
) STRICT;
CREATE INDEX finding_patient ON finding (patient, id);
