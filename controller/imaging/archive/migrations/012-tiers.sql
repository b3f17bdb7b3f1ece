-- A second place for files, a slow one: what has not been changed or looked at for long moves there
-- (controller/imaging/archive/moving.py).
ALTER TABLE file ADD COLUMN tier INTEGER NOT NULL DEFAULT 0;       -- 0: the fast place, 1: the slow one
ALTER TABLE study ADD COLUMN looked_ms INTEGER NOT NULL DEFAULT 0; -- when a file of it was last given out; to the hour

-- Files that have moved, until their copy at the fast place is taken away.
CREATE TABLE moved (sha256 BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- What is written into the slow folder: that it is this archive's, and that its disk is there.
CREATE TABLE slow_mark (text TEXT NOT NULL) STRICT;
INSERT INTO slow_mark VALUES (lower(hex(randomblob(16))));
