-- FHIR Bulk Data exports (controller/api/bulk*.py): what was asked for, by whom, and what became of it.

CREATE TABLE bulk_job (
  id TEXT PRIMARY KEY,                 -- 128 bits at random, in the address of its status
  actor TEXT NOT NULL,                 -- "token:NAME": nobody else sees it
  address TEXT NOT NULL,               -- it was asked from
  url TEXT NOT NULL,                   -- of the kick-off request
  level TEXT NOT NULL CHECK (level IN ('system', 'patient', 'group')),
  ward TEXT NOT NULL,                  -- of a group: '' of others
  wards TEXT,                          -- JSON: the token's; null: all
  types TEXT NOT NULL,                 -- JSON: in order
  since_us INTEGER,                    -- UTC; null: everything
  transaction_us INTEGER NOT NULL,     -- UTC, when it was asked for
  state TEXT NOT NULL CHECK (state IN ('accepted', 'completed', 'failed', 'cancelled', 'expired')),
  done INTEGER NOT NULL DEFAULT 0,     -- patients that are written
  patients INTEGER NOT NULL DEFAULT 0, -- of so many
  output TEXT NOT NULL DEFAULT '[]',   -- JSON: type, file, count, bytes, sha256
  why TEXT NOT NULL DEFAULT '',        -- of one that failed
  expires_us INTEGER NOT NULL          -- UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_job_state ON bulk_job (state, transaction_us);

-- What the controller's time lacks to UTC as exports count it, ms: a clock that is steered by a little changes
-- no resource.
INSERT INTO meta VALUES ('bulk-to-utc-ms', 0);

-- Of each resource what it was when an export saw it last, and when it was first seen to be so: `_since` asks
-- for those that became what they are after that time.
CREATE TABLE bulk_seen (
  type TEXT NOT NULL,
  id TEXT NOT NULL,
  digest BLOB NOT NULL,                -- SHA-256 of its bytes
  since_us INTEGER NOT NULL,           -- UTC
  PRIMARY KEY (type, id)
) STRICT, WITHOUT ROWID;
