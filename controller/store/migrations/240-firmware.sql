-- Images of nodes' firmware that gateways may fetch (controller/firmware/): their bytes are in files of this name.
CREATE TABLE firmware_image (
  digest TEXT PRIMARY KEY,          -- SHA-256, hexadecimal
  board TEXT NOT NULL,
  version INTEGER NOT NULL,         -- a higher one is newer
  size INTEGER NOT NULL,            -- bytes
  added_utc_us INTEGER NOT NULL,
  by TEXT NOT NULL,
  UNIQUE (board, version)
) STRICT, WITHOUT ROWID;
