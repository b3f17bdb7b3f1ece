-- Claims that came with two keys: each is an alert until an engineer looks after that gateway.

CREATE TABLE claim_used_twice (
  gateway TEXT PRIMARY KEY REFERENCES gateway,
  utc_s INTEGER NOT NULL,           -- when that was first seen
  place TEXT NOT NULL               -- the address that the last of the wrong keys came from
) STRICT, WITHOUT ROWID;
