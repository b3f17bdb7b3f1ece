-- A target in the unit in which it was said, and the visit in which it was agreed upon.

ALTER TABLE patient_target ADD COLUMN unit TEXT;    -- UCUM; NULL: the unit of the kind
ALTER TABLE patient_target ADD COLUMN visit TEXT;   -- the number; NULL: in none
