-- Two gateways may tell the same boot, with clocks of their own: neither moves the other's times.
CREATE TABLE boot_of_gateway (
  id INTEGER PRIMARY KEY,
  boot BLOB NOT NULL,
  gateway TEXT NOT NULL,
  offset_us INTEGER NOT NULL,         -- as before: 002-records.sql
  measured_us INTEGER NOT NULL,
  first_observation INTEGER NOT NULL,
  first_waveform INTEGER NOT NULL,
  utc_offset_us INTEGER,
  UNIQUE (gateway, boot)
) STRICT;
INSERT INTO boot_of_gateway
SELECT id, boot, gateway, offset_us, measured_us, first_observation, first_waveform, utc_offset_us FROM boot;
DROP TABLE boot;
ALTER TABLE boot_of_gateway RENAME TO boot;
