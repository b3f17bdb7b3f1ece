-- Medicines that must stay cold (controller/prescriptions/cold/): cooled boxes, and what is carried in them.

-- A place with a thermometer in which medicines are carried and nobody lies.
CREATE TABLE cooled_box (
  place TEXT PRIMARY KEY REFERENCES bed (id),
  in_use INTEGER NOT NULL,              -- 0: nothing more is put into it
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- A delivery that must stay cold. Temperatures are decimals as text, °C.
CREATE TABLE rx_cold (
  delivery INTEGER PRIMARY KEY REFERENCES rx_delivery,
  low TEXT NOT NULL,
  high TEXT NOT NULL,
  ended_ms INTEGER,                     -- NULL: it is on its way; else what came after is not of it
  doubts TEXT NOT NULL,                 -- words of record.Doubt, since it ended: they stay
  seen TEXT NOT NULL,                   -- which readings `record` was made of
  record TEXT NOT NULL,                 -- JSON of record.Record, once it has ended; '': not yet
  to_judge INTEGER NOT NULL,            -- 1: it has ended, and waits for a pharmacist
  verdict TEXT NOT NULL CHECK (verdict IN ('', 'released', 'discarded')),
  why TEXT NOT NULL,
  by TEXT NOT NULL,
  verdict_ms INTEGER,
  judged TEXT NOT NULL                  -- JSON of the record that was judged; '': none was
) STRICT;

CREATE INDEX rx_cold_to_judge ON rx_cold (delivery) WHERE to_judge = 1;

-- In which box it was, from when on; only grows.
CREATE TABLE rx_cold_box (
  delivery INTEGER NOT NULL REFERENCES rx_cold,
  turn INTEGER NOT NULL,                -- 1, 2, …
  place TEXT NOT NULL REFERENCES cooled_box,
  from_ms INTEGER NOT NULL,
  by TEXT NOT NULL,
  PRIMARY KEY (delivery, turn)
) STRICT, WITHOUT ROWID;
CREATE INDEX rx_cold_box_place ON rx_cold_box (place);
CREATE TRIGGER rx_cold_box_no_update BEFORE UPDATE ON rx_cold_box
BEGIN SELECT raise(ABORT, 'in which box it was only grows'); END;
CREATE TRIGGER rx_cold_box_no_delete BEFORE DELETE ON rx_cold_box
BEGIN SELECT raise(ABORT, 'in which box it was only grows'); END;

-- How warm it was until then, for each link of the chain of custody: JSON; '': it has no need to be cold.
ALTER TABLE rx_custody ADD COLUMN cold TEXT NOT NULL DEFAULT '';
