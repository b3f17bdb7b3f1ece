-- Where the other controllers reach the pages of this one: what only the one on duty can answer is passed on to it.

ALTER TABLE replica ADD COLUMN address TEXT NOT NULL DEFAULT '';
