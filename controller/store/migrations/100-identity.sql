-- The certificates of gateways: each is a user of the broker of its own, until it is revoked or expires.

CREATE TABLE certificate (
  serial TEXT PRIMARY KEY,          -- hexadecimal, as in the certificate's subject
  gateway TEXT NOT NULL REFERENCES gateway,
  der BLOB NOT NULL,
  issued_utc_s INTEGER NOT NULL,
  expires_utc_s INTEGER NOT NULL,
  revoked_utc_s INTEGER,
  why TEXT                          -- it was revoked
) STRICT, WITHOUT ROWID;
CREATE INDEX certificate_gateway ON certificate (gateway);

-- Passwords let no gateway in any more.
ALTER TABLE gateway ADD COLUMN provisioned INTEGER NOT NULL DEFAULT 0;  -- 1: an engineer made a record of it
UPDATE gateway SET provisioned = 1, secret = NULL WHERE secret IS NOT NULL;
