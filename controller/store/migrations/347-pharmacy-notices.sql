-- What the pharmacy has to know and to do (controller/prescriptions/pharmacy_notices.py): of nobody, for all of it.
CREATE TABLE rx_pharmacy_notice (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                   -- pharmacy_notices.py, Kind
  prescription INTEGER REFERENCES prescription,  -- NULL: of what is on the shelf
  about TEXT NOT NULL,                  -- "SD00000001", "MD00000001", "MA00000001", a GTIN with its batch
  detail TEXT NOT NULL,
  by TEXT NOT NULL,                     -- who did it; "controller": it follows from what is there
  at_ms INTEGER NOT NULL,
  acknowledged_by TEXT,
  acknowledged_ms INTEGER
) STRICT;
CREATE INDEX rx_pharmacy_notice_open ON rx_pharmacy_notice (id) WHERE acknowledged_by IS NULL;
CREATE INDEX rx_pharmacy_notice_about ON rx_pharmacy_notice (kind, about);
CREATE TRIGGER rx_pharmacy_notice_stays BEFORE DELETE ON rx_pharmacy_notice
BEGIN SELECT raise(ABORT, 'notices stay'); END;
CREATE TRIGGER rx_pharmacy_notice_once BEFORE UPDATE ON rx_pharmacy_notice
WHEN OLD.acknowledged_by IS NOT NULL OR NEW.detail <> OLD.detail OR NEW.kind <> OLD.kind
BEGIN SELECT raise(ABORT, 'what was acknowledged stays, by whom and when'); END;
