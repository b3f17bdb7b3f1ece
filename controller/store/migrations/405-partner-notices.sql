-- What people here have to know of partner sites (controller/partners/notices.py). Times are UTC.

CREATE TABLE partner_notice (
  id INTEGER PRIMARY KEY,
  partner INTEGER NOT NULL REFERENCES partner,
  person TEXT NOT NULL,                -- the name of an account; '': whoever may take the referral
  kind TEXT NOT NULL,
  referral INTEGER REFERENCES partner_referral,
  number TEXT NOT NULL,                -- of the referral, or of the partner's conference
  detail TEXT NOT NULL,                -- title, or why: never whose
  at_ms INTEGER NOT NULL,
  read_ms INTEGER
) STRICT;
CREATE INDEX partner_notice_open ON partner_notice (person) WHERE read_ms IS NULL;
