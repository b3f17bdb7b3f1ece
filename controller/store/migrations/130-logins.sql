-- Ways in beside the password: identity provider, passkeys, and tokens for programs. Times are UTC.

CREATE TABLE oidc_person (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,            -- never changes at the issuer; names do
  user TEXT NOT NULL UNIQUE REFERENCES user ON DELETE CASCADE,
  mapped INTEGER NOT NULL,          -- 1: their roles come from the provider's groups, 0: from an administrator
  last_utc_s INTEGER NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

CREATE TABLE passkey_owner (
  handle BLOB PRIMARY KEY,          -- 64 random bytes that authenticators keep in the place of a name
  user TEXT NOT NULL UNIQUE REFERENCES user ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE passkey (
  id BLOB PRIMARY KEY,              -- the authenticator's own
  handle BLOB NOT NULL REFERENCES passkey_owner ON DELETE CASCADE,
  name TEXT NOT NULL,
  key BLOB NOT NULL,                -- public, as COSE_Key
  sign_count INTEGER NOT NULL,
  made_utc_s INTEGER NOT NULL,
  used_utc_s INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX passkey_handle ON passkey (handle);

CREATE TABLE api_token (
  name TEXT PRIMARY KEY,            -- for ever: what the audit says of a name is of one token
  digest BLOB NOT NULL UNIQUE,      -- SHA-256: the table opens no door
  scopes TEXT NOT NULL,             -- controller/security/scopes.py
  wards TEXT,                       -- JSON, ids; null: all
  made_by TEXT NOT NULL,
  made_utc_s INTEGER NOT NULL,
  expires_utc_s INTEGER NOT NULL,
  used_utc_s INTEGER,
  revoked_utc_s INTEGER,
  revoked_by TEXT
) STRICT, WITHOUT ROWID;
