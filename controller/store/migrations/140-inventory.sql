-- What engineers record of devices (controller/inventory/). Which bed a device is on stays in `assignment`.
-- Empty text is "not known".

CREATE TABLE inventory (
  device TEXT PRIMARY KEY,          -- its name; `device` has it too once a gateway is known
  profile TEXT NOT NULL,
  asset_tag TEXT NOT NULL,
  serial TEXT NOT NULL,
  gtin TEXT NOT NULL,               -- the UDI's device identifier: 14 digits
  address TEXT NOT NULL,            -- Bluetooth
  gateway TEXT NOT NULL,            -- that it hangs on; empty: it is in stock
  calibration_due TEXT NOT NULL,    -- YYYY-MM-DD
  notes TEXT NOT NULL,
  pairing TEXT NOT NULL DEFAULT '' CHECK (pairing IN ('', 'none', 'encrypted', 'bonded')),
  withdrawn_utc_us INTEGER          -- decommissioned then; null: in use
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX inventory_asset_tag ON inventory (asset_tag) WHERE asset_tag <> '';
CREATE UNIQUE INDEX inventory_serial ON inventory (profile, serial) WHERE serial <> '';
CREATE UNIQUE INDEX inventory_address ON inventory (address) WHERE address <> '';
CREATE INDEX inventory_gtin ON inventory (gtin) WHERE gtin <> '';

-- Every change of the above: who, when, what.
CREATE TABLE inventory_change (
  id INTEGER PRIMARY KEY,
  device TEXT NOT NULL REFERENCES inventory,
  utc_us INTEGER NOT NULL,
  by TEXT NOT NULL,
  what TEXT NOT NULL,               -- recorded, changed, paired, pairing-weaker, withdrawn, returned
  detail TEXT NOT NULL,             -- JSON: {column: [before, after]}, {"why": …}
  receipt TEXT                      -- of a decommissioning, signed
) STRICT;
CREATE INDEX inventory_change_device ON inventory_change (device, id);
