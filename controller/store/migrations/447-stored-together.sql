-- Whether a controller knows that others store at the same time (decision 045). One of an older release, which is
-- still running while others are upgraded, goes by the greatest id that it sees: beside it nobody does.

ALTER TABLE replica ADD COLUMN knows_others INTEGER NOT NULL DEFAULT 0;
