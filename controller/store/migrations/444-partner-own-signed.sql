-- What people of this site signed of a partner's conclusion: this hospital's own record. It stays when the
-- copy (partner_conclusion) is another version by now, or is shown no more.
CREATE TABLE partner_conclusion_signed (
  partner INTEGER NOT NULL REFERENCES partner,
  number TEXT NOT NULL,                -- of the conference
  conference_case INTEGER NOT NULL,    -- there
  version INTEGER NOT NULL,
  name TEXT NOT NULL,                  -- the account here
  stand TEXT NOT NULL CHECK (stand IN ('agrees', 'differs')),
  words TEXT NOT NULL,                 -- of who differs
  patient TEXT NOT NULL,               -- as the partner calls them
  document TEXT NOT NULL,              -- JSON: the conclusion, whole
  file TEXT NOT NULL,                  -- what was signed, with the signature, as `wardlink rx verify` takes it
  signed_ms INTEGER NOT NULL,          -- UTC
  PRIMARY KEY (partner, number, conference_case, version, name)
) STRICT, WITHOUT ROWID;
