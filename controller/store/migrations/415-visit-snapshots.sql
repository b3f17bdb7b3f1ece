-- Pictures that staff keeps out of a visit by video (controller/telemedicine/snapshots/): here from the press on, with
-- the line of the trail, until the archive of images has said what became of them.

CREATE TABLE visit_snapshot (
  id INTEGER PRIMARY KEY,
  visit INTEGER NOT NULL REFERENCES visit,
  actor TEXT NOT NULL,
  address TEXT NOT NULL,
  at_ms INTEGER NOT NULL,              -- UTC: when the picture came
  state TEXT NOT NULL CHECK (state IN ('waiting', 'kept', 'refused')),
  about TEXT NOT NULL,                 -- JSON, as controller/imaging/stills/about.py reads it
  bare BLOB,                           -- JPEG; NULL once it does not wait any more
  annotated BLOB,                      -- NULL, too, where nothing was drawn
  study TEXT NOT NULL,                 -- as the archive says; '' before
  series TEXT NOT NULL,
  bare_uid TEXT NOT NULL,
  annotated_uid TEXT NOT NULL,         -- '' where nothing was drawn
  why TEXT NOT NULL                    -- it was refused
) STRICT;
CREATE INDEX visit_snapshot_of ON visit_snapshot (visit, id);
CREATE INDEX visit_snapshot_waiting ON visit_snapshot (id) WHERE state = 'waiting';
