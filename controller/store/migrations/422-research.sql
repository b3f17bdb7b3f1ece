-- Research projects (controller/lake/research/): who asks for de-identified data and why, who let them, what left.

CREATE TABLE research_project (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,         -- RP00000001
  title TEXT NOT NULL,
  purpose TEXT NOT NULL,
  basis TEXT NOT NULL CHECK (basis IN ('consent', 'opt-out')),
  metrics TEXT NOT NULL,               -- JSON: names; nothing else is in its data
  from_day TEXT NOT NULL,              -- YYYY-MM-DD, of the time of measurement
  to_day TEXT NOT NULL,                -- the last one
  expires_utc_ms INTEGER NOT NULL,
  salt BLOB NOT NULL,                  -- makes its pseudonyms and shifts its own, with the key beside the database
  state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'refused', 'closed')),
  proposed_by TEXT NOT NULL,
  proposed_utc_ms INTEGER NOT NULL,
  decided_by TEXT CHECK (decided_by IS NULL OR decided_by <> proposed_by),
  decided_utc_ms INTEGER,
  why TEXT NOT NULL DEFAULT ''         -- of the decision
) STRICT;

CREATE TRIGGER research_project_fixed BEFORE UPDATE OF number, title, purpose, basis, metrics, from_day, to_day,
  expires_utc_ms, salt, proposed_by, proposed_utc_ms ON research_project
BEGIN SELECT raise(ABORT, 'what was proposed is what is decided: propose another project'); END;

-- What left: each release with its digest; it only grows.
CREATE TABLE research_release (
  project INTEGER NOT NULL REFERENCES research_project,
  release INTEGER NOT NULL,            -- 1, 2, …
  generation INTEGER NOT NULL,         -- of the lake
  people INTEGER NOT NULL,
  rows INTEGER NOT NULL,
  digest TEXT NOT NULL,                -- SHA-256 of its SHA256SUMS
  by TEXT NOT NULL,
  utc_ms INTEGER NOT NULL,
  PRIMARY KEY (project, release)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER research_release_no_update BEFORE UPDATE ON research_release
BEGIN SELECT raise(ABORT, 'what left only grows'); END;
CREATE TRIGGER research_release_no_delete BEFORE DELETE ON research_release
BEGIN SELECT raise(ABORT, 'what left only grows'); END;
