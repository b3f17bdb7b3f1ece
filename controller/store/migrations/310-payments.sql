-- What patients pay for what they take home (controller/payments/).
--
-- Times `*_ms` are in the controller's time scale, but for paid_utc_ms. Amounts are whole minor units (cents) of an
-- ISO 4217 currency. Of an insurance card there are the provider's token and its last four characters, never its number.

CREATE TABLE payment (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,         -- PY00000001
  key TEXT NOT NULL UNIQUE,            -- the idempotency key under which the provider is asked to take the money
  subject TEXT NOT NULL,               -- what is paid for: "RX00000001/1"
  patient TEXT NOT NULL,               -- the identifier when it was made
  name TEXT NOT NULL,
  stay INTEGER REFERENCES stay,        -- whose it is, under whichever name that patient is known later
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  total_minor INTEGER NOT NULL CHECK (total_minor >= 0),
  insured_minor INTEGER CHECK (insured_minor BETWEEN 0 AND total_minor), -- NULL: the insurance was not asked yet
  coverage TEXT NOT NULL,              -- what the insurance said: "eligible", "not-eligible"; '': nothing yet
  card TEXT NOT NULL,                  -- the provider's token
  card_end TEXT NOT NULL,              -- the last four characters
  state TEXT NOT NULL,                 -- states.py
  revision INTEGER NOT NULL,
  why TEXT NOT NULL,                   -- of what failed, or is held for a person
  withdrawn TEXT NOT NULL,             -- why it is to be taken back as soon as its outcome is known; '': it is not
  refunds INTEGER NOT NULL,            -- how often a refund was begun: the last one's number is in its key
  taken_minor INTEGER,                 -- what the provider says it took from the patient
  taken_currency TEXT,
  returned_minor INTEGER,              -- and gave back
  reference TEXT NOT NULL,             -- the provider's own number of it
  paid_utc_ms INTEGER,
  asks INTEGER NOT NULL,               -- how often the outcome was asked for since the last step
  ask_ms INTEGER NOT NULL,             -- when it is asked for next
  made_by TEXT NOT NULL,
  made_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL,
  CHECK ((card = '') = (card_end = '')),
  CHECK ((taken_minor IS NULL) = (taken_currency IS NULL))
) STRICT;
-- Nothing is paid for twice: of one subject there is one that has not come to nothing.
CREATE UNIQUE INDEX payment_of_subject ON payment (subject) WHERE state NOT IN ('failed', 'cancelled', 'refunded');
CREATE INDEX payment_subject ON payment (subject);
CREATE INDEX payment_patient ON payment (patient);
CREATE INDEX payment_due ON payment (ask_ms) WHERE state IN ('awaiting-payment', 'refund-pending');
CREATE TRIGGER payment_no_delete BEFORE DELETE ON payment
BEGIN SELECT raise(ABORT, 'payments stay: take it back'); END;
CREATE TRIGGER payment_fixed BEFORE UPDATE OF number, key, subject, patient, currency, total_minor ON payment
BEGIN SELECT raise(ABORT, 'what is asked for stays: make another payment'); END;

CREATE TABLE payment_line (
  payment INTEGER NOT NULL REFERENCES payment,
  place INTEGER NOT NULL,              -- 1, 2, …
  code TEXT NOT NULL,                  -- a GTIN, or what the provider knows it by
  display TEXT NOT NULL,
  quantity INTEGER NOT NULL CHECK (quantity > 0), -- packs
  net_minor INTEGER NOT NULL CHECK (net_minor >= 0), -- of all of them
  PRIMARY KEY (payment, place)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER payment_line_no_update BEFORE UPDATE ON payment_line
BEGIN SELECT raise(ABORT, 'what was priced stays: make another payment'); END;
CREATE TRIGGER payment_line_no_delete BEFORE DELETE ON payment_line
BEGIN SELECT raise(ABORT, 'what was priced stays: make another payment'); END;
