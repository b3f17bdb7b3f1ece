-- What people asked of gateways (controller/orders/). What became of it gateways tell themselves, as events of
-- the kinds `command` and `configuration` in device_event.

CREATE TABLE command (
  id TEXT PRIMARY KEY,              -- 16 random bytes, hexadecimal
  gateway TEXT NOT NULL REFERENCES gateway,
  name TEXT NOT NULL,
  arguments TEXT NOT NULL,          -- JSON
  issuer TEXT NOT NULL,
  issued_utc_us INTEGER NOT NULL,
  expires_utc_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX command_gateway ON command (gateway, issued_utc_us);
CREATE INDEX command_expires ON command (expires_utc_us);

CREATE TABLE configuration (
  gateway TEXT NOT NULL REFERENCES gateway,
  revision INTEGER NOT NULL,        -- only rises, also where the database is that of a backup
  settings TEXT NOT NULL,           -- JSON: the whole of them
  issuer TEXT NOT NULL,
  issued_utc_us INTEGER NOT NULL,
  PRIMARY KEY (gateway, revision)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_event_command ON device_event (gateway, json_extract(detail, '$.id'))
WHERE device IS NULL AND kind = 'command';
CREATE INDEX device_event_configuration ON device_event (gateway, json_extract(detail, '$.revision'))
WHERE device IS NULL AND kind = 'configuration';
