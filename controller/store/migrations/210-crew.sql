-- What the crew of a vehicle tells at its box (controller/crew/), taken over from `device_event` in order of its ids.

INSERT INTO meta VALUES ('crew', 0);  -- the last device_event that was looked at

ALTER TABLE stay ADD COLUMN gateway TEXT;   -- the box whose crew began it; null: somebody at the hospital did
ALTER TABLE stay ADD COLUMN box_stay TEXT;  -- its number there
ALTER TABLE stay ADD COLUMN identified_by TEXT; -- who at the hospital said who an unknown patient is
CREATE UNIQUE INDEX stay_of_box ON stay (gateway, box_stay) WHERE gateway IS NOT NULL;
CREATE INDEX stay_identifier ON stay (identifier);

ALTER TABLE arrival_request ADD COLUMN box_request TEXT; -- its number at the box; null: it was asked for here

CREATE TABLE crew_event (
  event INTEGER PRIMARY KEY,        -- id in device_event
  gateway TEXT NOT NULL,
  kind TEXT NOT NULL,
  number TEXT,                      -- these three as the box told them; null: it cannot be read
  vehicle TEXT,
  box_stay TEXT,                    -- empty: of the vehicle, before anybody is on board
  at_ms INTEGER NOT NULL,           -- when it happened, in the controller's time scale
  stay INTEGER REFERENCES stay,     -- whose it is; null: nobody's (yet)
  problem TEXT                      -- why it is not taken over, or only in part; null: all of it is
) STRICT;
CREATE UNIQUE INDEX crew_event_number ON crew_event (gateway, number) WHERE number IS NOT NULL;
CREATE INDEX crew_event_box ON crew_event (gateway, box_stay);
CREATE INDEX crew_event_stay ON crew_event (stay, kind);
CREATE INDEX crew_event_problem ON crew_event (vehicle, event) WHERE problem IS NOT NULL;

CREATE TABLE instruction (          -- of a physician to the crew of a vehicle
  id TEXT PRIMARY KEY,              -- 16 hexadecimal digits
  stay INTEGER NOT NULL REFERENCES stay,
  gateway TEXT NOT NULL,            -- the box that it went to
  text TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  by TEXT NOT NULL,
  command TEXT NOT NULL             -- id of the one that carries it
) STRICT, WITHOUT ROWID;
CREATE INDEX instruction_stay ON instruction (stay, at_ms);
