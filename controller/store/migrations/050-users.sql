-- Who may log in, and who is logged in. Times are in the controller's own time scale.

CREATE TABLE user (
  name TEXT PRIMARY KEY,
  password TEXT NOT NULL,           -- Argon2id, in PHC string format
  role TEXT NOT NULL,               -- controller/security/permissions.py
  changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  digest BLOB PRIMARY KEY,          -- SHA-256 of the cookie's token: the table opens no door
  user TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
  began_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
