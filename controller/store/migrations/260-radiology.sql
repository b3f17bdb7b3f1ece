-- What is asked of imaging and what it answers (controller/radiology/): orders, reports, and who was told.
--
-- Times `*_ms` are in the controller's time scale.

CREATE TABLE imaging_order (
  id INTEGER PRIMARY KEY,
  accession TEXT NOT NULL UNIQUE CHECK (length(accession) BETWEEN 1 AND 16), -- (0008,0050), VR SH
  study TEXT NOT NULL UNIQUE,          -- Study Instance UID, made with the order
  stay INTEGER NOT NULL REFERENCES stay, -- whose it is, under whichever name that patient is known later
  modality TEXT NOT NULL,
  part TEXT NOT NULL,                  -- what is to be examined
  reason TEXT NOT NULL,
  priority TEXT NOT NULL CHECK (priority IN ('routine', 'urgent', 'asap', 'stat')),
  station TEXT NOT NULL,               -- AE title of the device that is to do it; '': any
  scheduled_ms INTEGER NOT NULL,
  state TEXT NOT NULL,                 -- FHIR R4, RequestStatus
  revision INTEGER NOT NULL,           -- of this row, from 1 on
  placed_by TEXT NOT NULL,
  placed_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL,
  arrived_ms INTEGER                   -- when images of it were first in the archive
) STRICT;
CREATE INDEX imaging_order_stay ON imaging_order (stay);
CREATE INDEX imaging_order_active ON imaging_order (scheduled_ms) WHERE state = 'active';

-- Every version of each order's report; it only grows.
CREATE TABLE imaging_report (
  imaging_order INTEGER NOT NULL REFERENCES imaging_order,
  version INTEGER NOT NULL,
  state TEXT NOT NULL,                 -- FHIR R4, DiagnosticReportStatus
  findings TEXT NOT NULL,
  conclusion TEXT NOT NULL,
  critical INTEGER NOT NULL,           -- 1: somebody has to acknowledge it
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  why TEXT NOT NULL,                   -- of what changes a signed one
  document TEXT,                       -- canonical JSON (RFC 8785) of the DiagnosticReport that was signed
  signature TEXT,                      -- detached JWS (RFC 7515, appendix F) over it
  PRIMARY KEY (imaging_order, version),
  CHECK ((document IS NULL) = (signature IS NULL))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER imaging_report_no_update BEFORE UPDATE ON imaging_report
BEGIN SELECT raise(ABORT, 'reports only grow: write another version'); END;
CREATE TRIGGER imaging_report_no_delete BEFORE DELETE ON imaging_report
BEGIN SELECT raise(ABORT, 'reports only grow: write another version'); END;

-- What the orderer of a signed report is told, and who acknowledged a critical one.
CREATE TABLE imaging_notice (
  id INTEGER PRIMARY KEY,
  imaging_order INTEGER NOT NULL,
  version INTEGER NOT NULL,
  person TEXT NOT NULL,                -- who placed the order
  critical INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  read_ms INTEGER,                     -- when that person has read it
  acknowledged_ms INTEGER,
  acknowledged_by TEXT,
  UNIQUE (imaging_order, version),
  FOREIGN KEY (imaging_order, version) REFERENCES imaging_report (imaging_order, version)
) STRICT;
CREATE INDEX imaging_notice_unread ON imaging_notice (person) WHERE read_ms IS NULL;
CREATE INDEX imaging_notice_open ON imaging_notice (id) WHERE critical = 1 AND acknowledged_ms IS NULL;
