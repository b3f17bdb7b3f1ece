-- What an engineer says of a gateway, and the one-time tokens with which gateways ask for their certificate.

ALTER TABLE gateway ADD COLUMN asset_tag TEXT NOT NULL DEFAULT '';  -- the hospital's inventory number
ALTER TABLE gateway ADD COLUMN place TEXT NOT NULL DEFAULT '';      -- a ward's id, or a vehicle's
ALTER TABLE gateway ADD COLUMN class TEXT NOT NULL DEFAULT '';      -- controller/identity/provisioning.py
CREATE UNIQUE INDEX gateway_asset ON gateway (asset_tag) WHERE provisioned = 1 AND asset_tag <> '';

-- Whom the broker lets in is asked every second: the answer stays small while certificates pile up.
CREATE INDEX certificate_now ON certificate (expires_utc_s, gateway, revoked_utc_s);

CREATE TABLE claim (
  token_sha256 BLOB PRIMARY KEY,    -- the token itself is nowhere
  gateway TEXT NOT NULL REFERENCES gateway,
  made_utc_s INTEGER NOT NULL,
  expires_utc_s INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0, -- 1: a newer claim took its place, or the gateway was decommissioned
  serial TEXT REFERENCES certificate -- what it was spent on
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_gateway ON claim (gateway);
