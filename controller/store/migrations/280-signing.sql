-- The personal keys with which people sign (controller/signing/). Times are UTC in seconds.

CREATE TABLE signing_key (
  serial TEXT PRIMARY KEY,             -- of the certificate, in hexadecimal
  person TEXT NOT NULL REFERENCES user,
  key BLOB NOT NULL UNIQUE,            -- public, as SubjectPublicKeyInfo: nobody gets another's, or their old one
  certificate BLOB NOT NULL,           -- DER
  chain TEXT NOT NULL,                 -- JSON: it and what is above it, as x5c has them (RFC 7515, 4.1.6)
  made_utc_s INTEGER NOT NULL,
  expires_utc_s INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'retired', 'revoked')),
  changed_utc_s INTEGER NOT NULL,      -- when it came into this state
  reason TEXT NOT NULL CHECK ((state = 'revoked') = (reason IN ('lost', 'compromised', 'left')))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX signing_key_active ON signing_key (person) WHERE state = 'active';
CREATE INDEX signing_key_person ON signing_key (person);
CREATE TRIGGER signing_key_no_delete BEFORE DELETE ON signing_key
BEGIN SELECT raise(ABORT, 'keys stay: revoke it'); END;
CREATE TRIGGER signing_key_fixed BEFORE UPDATE OF serial, person, key, certificate, chain, made_utc_s, expires_utc_s
ON signing_key BEGIN SELECT raise(ABORT, 'of a key only its state changes: make another'); END;
CREATE TRIGGER signing_key_one_way BEFORE UPDATE ON signing_key
WHEN OLD.state = 'revoked' OR NEW.state = 'active'
BEGIN SELECT raise(ABORT, 'a key that signs no more never signs again: make another'); END;

-- The private key, encrypted once for each way to unlock it. The controller has what opens none of them.
CREATE TABLE signing_wrap (
  serial TEXT NOT NULL REFERENCES signing_key,
  kind TEXT NOT NULL CHECK (kind IN ('passkey', 'passphrase')),
  credential BLOB REFERENCES passkey ON DELETE CASCADE, -- a passkey that is removed unlocks nothing
  salt TEXT NOT NULL,                  -- this and the next ones in base64url
  iterations INTEGER,                  -- of PBKDF2
  iv TEXT NOT NULL,
  wrapped TEXT NOT NULL,
  UNIQUE (serial, kind, credential),
  CHECK ((kind = 'passkey') = (credential IS NOT NULL)),
  CHECK ((kind = 'passphrase') = (iterations IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX signing_wrap_passphrase ON signing_wrap (serial) WHERE kind = 'passphrase';

-- Everything that became of each key; it only grows.
CREATE TABLE signing_event (
  number INTEGER PRIMARY KEY,
  serial TEXT NOT NULL REFERENCES signing_key,
  state TEXT NOT NULL,
  at_utc_s INTEGER NOT NULL,
  by TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX signing_event_serial ON signing_event (serial);
CREATE TRIGGER signing_event_no_update BEFORE UPDATE ON signing_event
BEGIN SELECT raise(ABORT, 'history only grows'); END;
CREATE TRIGGER signing_event_no_delete BEFORE DELETE ON signing_event
BEGIN SELECT raise(ABORT, 'history only grows'); END;
