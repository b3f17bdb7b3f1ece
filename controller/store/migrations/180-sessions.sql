-- What a person sees of their sessions; and those that the identity provider can end (OpenID Connect
-- Back-Channel Logout 1.0).

ALTER TABLE session ADD COLUMN id TEXT NOT NULL DEFAULT ''; -- random; unlike the digest it stays, and opens nothing
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT ''; -- from where the person logged in
ALTER TABLE session ADD COLUMN provider_sid TEXT;           -- the provider's own name for it; null: it gave none
UPDATE session SET id = lower(hex(randomblob(8)));
CREATE UNIQUE INDEX session_id ON session (id);
CREATE INDEX session_provider ON session (provider_sid) WHERE provider_sid IS NOT NULL;

CREATE TABLE oidc_logout (
  jti TEXT PRIMARY KEY,             -- a logout token is good once
  until_utc_s INTEGER NOT NULL      -- it is too old by then
) STRICT, WITHOUT ROWID;
