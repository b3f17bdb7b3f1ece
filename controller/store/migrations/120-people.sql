-- People: roles, wards, second factors; their sessions; and the glass they broke.
-- Times `*_ms` are in the controller's own time scale.

CREATE TABLE person (
  name TEXT PRIMARY KEY,
  password TEXT,                    -- Argon2id, in PHC string format; null: logs in in another way only
  once_until_ms INTEGER,            -- the password is for one login until then; null: it lasts
  all_wards INTEGER NOT NULL,       -- 1: whatever user_ward says
  disabled_ms INTEGER,              -- null: may log in
  totp TEXT,                        -- second factor's secret, base 32 (RFC 6238); null: has none
  totp_offered TEXT,                -- one that was shown and is not confirmed yet
  totp_step INTEGER NOT NULL DEFAULT 0, -- the last time step that was used
  changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whoever was here before wards were told apart keeps all of them. All log in again.
DROP TABLE session;
INSERT INTO person (name, password, all_wards, changed_ms) SELECT name, password, 1, changed_ms FROM user;
CREATE TEMP TABLE former AS SELECT name, role FROM user;
DROP TABLE user;
ALTER TABLE person RENAME TO user;

CREATE TABLE user_role (
  user TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
  role TEXT NOT NULL,               -- controller/security/permissions.py
  PRIMARY KEY (user, role)
) STRICT, WITHOUT ROWID;

CREATE TABLE user_ward (
  user TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
  ward TEXT NOT NULL REFERENCES ward,
  PRIMARY KEY (user, ward)
) STRICT, WITHOUT ROWID;

INSERT INTO user_role SELECT name, role FROM former;
DROP TABLE former;

CREATE TABLE recovery_code (
  user TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
  digest BLOB NOT NULL,             -- SHA-256; a code that was used is deleted
  PRIMARY KEY (user, digest)
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  digest BLOB PRIMARY KEY,          -- SHA-256 of the cookie's token: the table opens no door
  user TEXT NOT NULL REFERENCES user ON DELETE CASCADE,
  how TEXT NOT NULL,                -- controller/security/sessions.py, How
  began_ms INTEGER NOT NULL,
  used_ms INTEGER NOT NULL,
  input_ms INTEGER NOT NULL         -- when the person last touched the screen; 0: locked by hand
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);

-- A look at a patient of another ward: it ends by itself, and an auditor judges it.
CREATE TABLE break_glass (
  id INTEGER PRIMARY KEY,
  user TEXT NOT NULL,
  patient TEXT NOT NULL,            -- identifier
  bed TEXT NOT NULL,                -- where the patient was then
  reason TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,
  from_utc_ms INTEGER NOT NULL,
  verdict TEXT CHECK (verdict IN ('justified', 'unjustified')), -- null: waits for review
  reviewed_by TEXT,
  reviewed_utc_ms INTEGER,
  note TEXT
) STRICT;
CREATE INDEX break_glass_user ON break_glass (user, until_ms);
CREATE INDEX break_glass_waits ON break_glass (id) WHERE verdict IS NULL;
