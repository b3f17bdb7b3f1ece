-- Deliveries that robots carry (controller/prescriptions/riding.py), and who did what at a robot that stands there.

CREATE TABLE rx_ride (
  transport TEXT PRIMARY KEY REFERENCES robot_transport (id),
  delivery INTEGER NOT NULL REFERENCES rx_delivery,
  stage TEXT NOT NULL,                -- riding.py, Stage
  why TEXT NOT NULL,                  -- over: why it is carried by hand again; '': it was received
  by TEXT NOT NULL,                   -- who sent it
  at_ms INTEGER NOT NULL              -- of the last change
) STRICT;
CREATE INDEX rx_ride_delivery ON rx_ride (delivery);
CREATE INDEX rx_ride_open ON rx_ride (transport) WHERE stage <> 'over';
CREATE UNIQUE INDEX rx_ride_one ON rx_ride (delivery) WHERE stage <> 'over';

-- What people did at a robot with what it carries; only grows.
CREATE TABLE robot_handled (
  id INTEGER PRIMARY KEY,
  transport TEXT NOT NULL REFERENCES robot_transport (id),
  kind TEXT NOT NULL CHECK (kind IN ('loaded', 'drawer', 'taken')),
  stage TEXT NOT NULL,                -- of the transport then: 'assigned', 'picked', 'returning'
  drawer INTEGER,                     -- NULL: none was opened
  person TEXT NOT NULL,
  how TEXT NOT NULL,                  -- by what that person was known: "login", "badge", "pin"
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX robot_handled_transport ON robot_handled (transport, id);
CREATE TRIGGER robot_handled_no_update BEFORE UPDATE ON robot_handled
BEGIN SELECT raise(ABORT, 'what was done was done'); END;
CREATE TRIGGER robot_handled_no_delete BEFORE DELETE ON robot_handled
BEGIN SELECT raise(ABORT, 'what was done was done'); END;
