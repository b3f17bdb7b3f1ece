-- A high-alert dose that one person gave, and who looked at it afterwards (controller/prescriptions/alone.py).
ALTER TABLE rx_given ADD COLUMN alone TEXT NOT NULL DEFAULT ''
  CHECK (alone IN ('', 'emergency', 'nobody-reachable', 'other'));  -- '': not without a witness
ALTER TABLE rx_given ADD COLUMN alone_why TEXT NOT NULL DEFAULT '';  -- in words
ALTER TABLE rx_given ADD COLUMN alone_how TEXT NOT NULL DEFAULT '';  -- by what who gave it proved that: "badge", "pin", "login"
ALTER TABLE rx_given ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';    -- who looked at it afterwards: no witness
ALTER TABLE rx_given ADD COLUMN seen_how TEXT NOT NULL DEFAULT '';
ALTER TABLE rx_given ADD COLUMN seen_ms INTEGER;
-- What was given alone stays so, and has no witness, whatever is said of it later.
CREATE TRIGGER rx_given_alone BEFORE UPDATE ON rx_given
WHEN OLD.alone <> NEW.alone OR (OLD.alone <> '' AND NEW.witness <> '')
  OR (OLD.seen_by <> '' AND NEW.seen_by <> OLD.seen_by)
BEGIN SELECT raise(ABORT, 'nobody becomes a witness afterwards'); END;
CREATE TRIGGER rx_given_alone_or_two BEFORE INSERT ON rx_given WHEN NEW.alone <> '' AND NEW.witness <> ''
BEGIN SELECT raise(ABORT, 'given alone, or with a witness: not both'); END;
