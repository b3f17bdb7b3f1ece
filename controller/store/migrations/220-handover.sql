-- Patients whom the hospital has taken over from a vehicle (controller/crew/takeover.py): one episode of care.

CREATE TABLE handover (
  from_stay INTEGER PRIMARY KEY REFERENCES stay,       -- on the vehicle
  to_stay INTEGER NOT NULL UNIQUE REFERENCES stay,     -- on the bed
  at_ms INTEGER NOT NULL,                              -- when it was confirmed, in the controller's time scale
  by TEXT NOT NULL                                     -- who confirmed it
) STRICT;
