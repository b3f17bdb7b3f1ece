-- What the crew of a vehicle asks the hospital for, for the patient on board (controller/arrivals/requests.py).

CREATE TABLE arrival_request (
  id INTEGER PRIMARY KEY,
  stay INTEGER NOT NULL REFERENCES stay,
  resource TEXT NOT NULL,           -- bed, team, cath-lab, blood
  note TEXT NOT NULL,
  asked_ms INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  answer TEXT,                      -- words with the acknowledgement; these three: null until it is given
  acknowledged_ms INTEGER,
  acknowledged_by TEXT
) STRICT;
CREATE INDEX arrival_request_stay ON arrival_request (stay);
