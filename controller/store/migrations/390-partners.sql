-- Partner sites (controller/partners/): hospitals with their own controllers, and what goes between them.
--
-- Times `*_ms` are UTC: what is agreed upon between sites has no other clock.

CREATE TABLE partner (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  name TEXT NOT NULL,
  address TEXT NOT NULL,               -- HOST:PORT of its listener for partners
  root BLOB NOT NULL,                  -- its authority's root certificate, DER
  fingerprint TEXT NOT NULL,           -- of its whole card, as it is read out by telephone
  life TEXT NOT NULL UNIQUE,           -- names our numbering towards it: each partnership counts from 1
  state TEXT NOT NULL,                 -- states.py
  revision INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  added_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL,
  heard_ms INTEGER,                    -- it reached us last
  reached_ms INTEGER,                  -- we reached it last
  trouble TEXT NOT NULL                -- why it was not reached the last time; '': it was
) STRICT;
CREATE UNIQUE INDEX partner_site ON partner (site) WHERE state <> 'ended';

-- What is to go to a partner, and what went. A number is never given to other content that may have left.
CREATE TABLE partner_sent (
  id INTEGER PRIMARY KEY,
  partner INTEGER NOT NULL REFERENCES partner,
  topic TEXT NOT NULL,
  number INTEGER NOT NULL,             -- 1, 2, 3 … of each topic
  kind TEXT NOT NULL,
  body BLOB NOT NULL,                  -- the bytes, as they are sent each time
  consent TEXT NOT NULL,               -- number of the patient's consent that it rests on; '': none is needed
  until_ms INTEGER,                    -- of that consent
  queued_ms INTEGER NOT NULL,
  tried_ms INTEGER,                    -- it may have left
  done_ms INTEGER,                     -- the receipt is here
  outcome TEXT NOT NULL,               -- 'waiting', 'taken', 'refused', 'withheld'
  reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX partner_sent_number ON partner_sent (partner, topic, number);
CREATE INDEX partner_sent_waiting ON partner_sent (partner, topic, number) WHERE done_ms IS NULL;

-- What came from a partner: the number and the digest, by which the same again is known, and what became of it.
CREATE TABLE partner_received (
  partner INTEGER NOT NULL REFERENCES partner,
  life TEXT NOT NULL,                  -- the partner's
  topic TEXT NOT NULL,
  number INTEGER NOT NULL,
  digest BLOB NOT NULL,                -- SHA-256 of the bytes
  kind TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('taken', 'refused')),
  reason TEXT NOT NULL,
  PRIMARY KEY (partner, life, topic, number)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER partner_received_no_update BEFORE UPDATE ON partner_received
BEGIN SELECT raise(ABORT, 'what came only grows'); END;
CREATE TRIGGER partner_received_no_delete BEFORE DELETE ON partner_received
BEGIN SELECT raise(ABORT, 'what came only grows'); END;

-- What a partner was last told of things that change: all of it is told again when it is another.
CREATE TABLE partner_told (
  partner INTEGER NOT NULL REFERENCES partner,
  what TEXT NOT NULL,                  -- "directory", "conference/MC00000001"
  digest BLOB NOT NULL,                -- SHA-256
  PRIMARY KEY (partner, what)
) STRICT, WITHOUT ROWID;

-- Conferences of partner sites to which people of ours are asked, as the other site told them last.
CREATE TABLE partner_invitation (
  id INTEGER PRIMARY KEY,
  partner INTEGER NOT NULL REFERENCES partner,
  number TEXT NOT NULL,                -- MC00000001, of that site
  person TEXT NOT NULL,                -- the name of an account here
  told TEXT NOT NULL,                  -- JSON: title, time, agenda, state
  answer TEXT NOT NULL,                -- what this person said last
  why TEXT NOT NULL,
  proposed_ms INTEGER,
  revision INTEGER NOT NULL,
  told_ms INTEGER NOT NULL,
  UNIQUE (partner, number, person)
) STRICT;
CREATE INDEX partner_invitation_of ON partner_invitation (person);

-- Conclusions of partners' conferences in which people of ours took part: copies, as the host told them last.
CREATE TABLE partner_conclusion (
  partner INTEGER NOT NULL REFERENCES partner,
  number TEXT NOT NULL,                -- of the conference
  conference_case INTEGER NOT NULL,    -- there
  told TEXT NOT NULL,                  -- JSON: document, signatures
  until_ms INTEGER NOT NULL,           -- of the consent
  hidden_ms INTEGER,                   -- the consent was taken back
  told_ms INTEGER NOT NULL,
  PRIMARY KEY (partner, number, conference_case)
) STRICT, WITHOUT ROWID;

-- Ways in for people of partners into a conference here: used once, within a minute; hashes only.
CREATE TABLE partner_way_in (
  digest BLOB PRIMARY KEY,
  partner INTEGER NOT NULL REFERENCES partner,
  conference TEXT NOT NULL,
  name TEXT NOT NULL,                  -- the account there, as the partner vouches
  display TEXT NOT NULL,
  made_ms INTEGER NOT NULL,
  used_ms INTEGER,
  session BLOB UNIQUE,                 -- hash of the session that began with it
  ended_ms INTEGER
) STRICT;

-- What a patient said of being shared with one partner; it only grows, and the last one counts.
CREATE TABLE partner_consent (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,         -- PC00000001
  patient TEXT NOT NULL,
  site TEXT NOT NULL,
  said TEXT NOT NULL CHECK (said IN ('permit', 'deny', 'withdrawn')),
  text TEXT NOT NULL,                  -- the words that were shown
  language TEXT NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX partner_consent_of ON partner_consent (patient, site, id);
CREATE TRIGGER partner_consent_no_update BEFORE UPDATE ON partner_consent
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;
CREATE TRIGGER partner_consent_no_delete BEFORE DELETE ON partner_consent
BEGIN SELECT raise(ABORT, 'what a patient said only grows'); END;

-- Referrals to and from partners. What came is a copy: whose it is, of when, and by which consent stands with it.
CREATE TABLE partner_referral (
  id INTEGER PRIMARY KEY,
  partner INTEGER NOT NULL REFERENCES partner,
  way TEXT NOT NULL CHECK (way IN ('out', 'in')),
  number TEXT NOT NULL,                -- RF00000001, of the site that refers
  patient TEXT NOT NULL,               -- the identifier at that site
  name TEXT NOT NULL,
  expert TEXT NOT NULL,                -- account at the other site; '': whoever takes it
  reason TEXT NOT NULL,
  asked_by TEXT NOT NULL,              -- account at the site that refers
  consent TEXT NOT NULL,
  until_ms INTEGER NOT NULL,           -- of the consent
  withdrawn_ms INTEGER,                -- the consent was taken back: the copy is not shown any more
  content BLOB NOT NULL,               -- FHIR R4 Bundle, as it went or came
  letter BLOB,                         -- FHIR R4 Bundle (document): the discharge letter that came back
  answer TEXT NOT NULL,                -- why it was declined
  state TEXT NOT NULL,                 -- states.py
  revision INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  changed_by TEXT NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX partner_referral_number ON partner_referral (partner, way, number);
CREATE INDEX partner_referral_of ON partner_referral (patient);
