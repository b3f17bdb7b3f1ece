-- What is prescribed, handed out, carried and given (controller/prescriptions/).
--
-- Times `*_ms` are in the controller's time scale, but for those of
-- a document and of doses that come of it (authored_ms, signed_ms, due_ms), which are UTC. Amounts are decimals as text.

CREATE TABLE prescription (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,          -- RX00000001
  subject TEXT NOT NULL,                -- the patient's identifier when it was written: it is signed so
  name TEXT NOT NULL,
  stay INTEGER REFERENCES stay,         -- whose it is, under whichever name that patient is known later
  wanted TEXT NOT NULL,                 -- JSON of model.Wanted, without the dose
  dose_value TEXT NOT NULL,
  dose_unit TEXT NOT NULL,              -- UCUM
  issues TEXT NOT NULL,                 -- JSON: hints of the checks, and why they were overridden
  delivery TEXT NOT NULL CHECK (delivery IN ('ward', 'home', 'pick-up')),
  replaces TEXT NOT NULL,               -- the number of the one before; '': none
  prescriber TEXT NOT NULL,
  state TEXT NOT NULL,                  -- FHIR R4, MedicationRequest.status
  revision INTEGER NOT NULL,
  drafted_ms INTEGER NOT NULL,
  authored_ms INTEGER NOT NULL,
  signed_ms INTEGER,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX prescription_subject ON prescription (subject);
CREATE INDEX prescription_stay ON prescription (stay);
CREATE INDEX prescription_state ON prescription (state);

-- What was signed, and by what; for ever.
CREATE TABLE prescription_signed (
  prescription INTEGER PRIMARY KEY REFERENCES prescription,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  utc_ms INTEGER NOT NULL,
  document TEXT NOT NULL,               -- canonical JSON (RFC 8785) of the MedicationRequest
  signature TEXT NOT NULL,              -- the person's JWS over it
  receipt TEXT NOT NULL                 -- the site's own statement that it held then
) STRICT;
CREATE TRIGGER prescription_signed_no_update BEFORE UPDATE ON prescription_signed
BEGIN SELECT raise(ABORT, 'what was signed stays: write another prescription'); END;
CREATE TRIGGER prescription_signed_no_delete BEFORE DELETE ON prescription_signed
BEGIN SELECT raise(ABORT, 'what was signed stays: write another prescription'); END;

-- The pharmacy's work: one for each time that the quantity is to be handed out.
CREATE TABLE rx_task (
  id INTEGER PRIMARY KEY,
  prescription INTEGER NOT NULL REFERENCES prescription,
  fill INTEGER NOT NULL,                -- 0: the first, then each repeat
  state TEXT NOT NULL,                  -- FHIR R4, Task.status
  revision INTEGER NOT NULL,
  why TEXT NOT NULL,
  owner TEXT NOT NULL,                  -- the pharmacist who has it; '': nobody yet
  asked_by TEXT NOT NULL,
  asked_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX rx_task_prescription ON rx_task (prescription);
CREATE INDEX rx_task_open ON rx_task (asked_ms)
WHERE state IN ('requested', 'accepted', 'in-progress', 'on-hold');

CREATE TABLE rx_product (
  gtin TEXT PRIMARY KEY CHECK (length(gtin) = 14),
  code TEXT NOT NULL,                   -- JSON of model.Coded: what prescriptions call it
  substances TEXT NOT NULL,             -- JSON: what is in it, and how much of each
  form TEXT NOT NULL,
  high_alert INTEGER NOT NULL,          -- 1: another pharmacist checks it
  revision INTEGER NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE rx_recall (
  gtin TEXT NOT NULL,
  batch TEXT NOT NULL,                  -- '': all of them
  why TEXT NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (gtin, batch)
) STRICT, WITHOUT ROWID;

CREATE TABLE rx_dispense (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,          -- MD00000001
  prescription INTEGER NOT NULL REFERENCES prescription,
  task INTEGER NOT NULL REFERENCES rx_task,
  state TEXT NOT NULL,                  -- FHIR R4, MedicationDispense.status
  revision INTEGER NOT NULL,
  value TEXT NOT NULL,                  -- of the prescription's unit
  unit TEXT NOT NULL,
  substituted_why TEXT NOT NULL,        -- '': the product that was prescribed
  high_alert INTEGER NOT NULL,
  why TEXT NOT NULL,
  prepared_by TEXT NOT NULL,
  prepared_ms INTEGER NOT NULL,
  checked_by TEXT,
  completed_ms INTEGER,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX rx_dispense_prescription ON rx_dispense (prescription);
CREATE INDEX rx_dispense_task ON rx_dispense (task);

-- Each pack that was scanned for it.
CREATE TABLE rx_pack (
  dispense INTEGER NOT NULL REFERENCES rx_dispense,
  place INTEGER NOT NULL,
  gtin TEXT NOT NULL,
  batch TEXT NOT NULL,
  expiry TEXT NOT NULL,                 -- 2027-01-31
  serial TEXT NOT NULL,
  value TEXT NOT NULL,                  -- how much of it is handed out
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (dispense, place)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX rx_pack_serial ON rx_pack (dispense, gtin, serial) WHERE serial <> '';
CREATE TRIGGER rx_pack_no_update BEFORE UPDATE ON rx_pack
BEGIN SELECT raise(ABORT, 'packs only grow: cancel the dispense'); END;
CREATE TRIGGER rx_pack_no_delete BEFORE DELETE ON rx_pack
BEGIN SELECT raise(ABORT, 'packs only grow: cancel the dispense'); END;

CREATE TABLE rx_delivery (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,          -- SD00000001
  dispense INTEGER NOT NULL UNIQUE REFERENCES rx_dispense,
  kind TEXT NOT NULL CHECK (kind IN ('ward', 'home', 'pick-up')),
  state TEXT NOT NULL,                  -- FHIR R4, SupplyDelivery.status
  revision INTEGER NOT NULL,
  destination TEXT NOT NULL,
  day TEXT NOT NULL,                    -- of the queue's number
  queue INTEGER,                        -- pick-up: the number of the day
  salt BLOB NOT NULL,
  code BLOB,                            -- scrypt of the six digits; NULL: none is needed
  tries INTEGER NOT NULL,               -- wrong ones since the code was made
  coming_back INTEGER NOT NULL,         -- 1: it was withdrawn on its way and comes back
  started_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX rx_delivery_open ON rx_delivery (id) WHERE state = 'in-progress';
CREATE UNIQUE INDEX rx_delivery_queue ON rx_delivery (day, queue) WHERE queue IS NOT NULL;

-- The chain of custody: who had it, where, from when on.
CREATE TABLE rx_custody (
  delivery INTEGER NOT NULL REFERENCES rx_delivery,
  place INTEGER NOT NULL,               -- 1, 2, …
  holder TEXT NOT NULL,                 -- a person's name, "robot:R1", "patient"
  spot TEXT NOT NULL,                   -- where: "pharmacy", "robot R1", "ward-a"
  seal TEXT NOT NULL,
  drawer TEXT NOT NULL,
  verified TEXT NOT NULL,               -- how: "login", "badge", "pin", "code", "robot"
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (delivery, place)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER rx_custody_no_update BEFORE UPDATE ON rx_custody
BEGIN SELECT raise(ABORT, 'the chain of custody only grows'); END;
CREATE TRIGGER rx_custody_no_delete BEFORE DELETE ON rx_custody
BEGIN SELECT raise(ABORT, 'the chain of custody only grows'); END;

CREATE TABLE rx_given (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,          -- MA00000001
  prescription INTEGER NOT NULL REFERENCES prescription,
  due_ms INTEGER,                       -- NULL: as needed
  state TEXT NOT NULL,                  -- FHIR R4, MedicationAdministration.status
  revision INTEGER NOT NULL,
  given_ms INTEGER NOT NULL,
  value TEXT NOT NULL,
  unit TEXT NOT NULL,
  gtin TEXT NOT NULL,
  batch TEXT NOT NULL,
  why TEXT NOT NULL,
  by TEXT NOT NULL,
  witness TEXT NOT NULL,                -- the second person at a high-alert medicine; '': none was needed
  at_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX rx_given_prescription ON rx_given (prescription, given_ms);
-- Of two nurses who chart one dose at once the second is refused.
CREATE UNIQUE INDEX rx_given_once ON rx_given (prescription, due_ms)
WHERE due_ms IS NOT NULL AND state <> 'entered-in-error';

CREATE TABLE rx_notice (
  id INTEGER PRIMARY KEY,
  prescription INTEGER NOT NULL REFERENCES prescription,
  person TEXT NOT NULL,
  kind TEXT NOT NULL,                   -- "rejected", "changed", "recalled", "returned", "repeat-due"
  detail TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  read_ms INTEGER
) STRICT;
CREATE INDEX rx_notice_unread ON rx_notice (person) WHERE read_ms IS NULL;
