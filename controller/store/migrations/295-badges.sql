-- How a person is known where nobody types a password (controller/security/badges.py).
-- Times `*_ms` are in the controller's own time scale.

CREATE TABLE user_pin (
  user TEXT PRIMARY KEY REFERENCES user ON DELETE CASCADE,
  pin TEXT NOT NULL,                    -- Argon2id, in PHC string format
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user_badge (
  user TEXT PRIMARY KEY REFERENCES user ON DELETE CASCADE,
  digest BLOB NOT NULL UNIQUE,          -- HMAC-SHA-256 of what a scanner reads, by a key beside the database
  by TEXT NOT NULL,                     -- who enrolled it
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
