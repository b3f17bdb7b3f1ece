-- Files whose rows were on the disk before it was certain that their bytes are: only these are read again when the
-- archive opens (controller/imaging/archive/unsettled.py).
CREATE TABLE unsettled (sha256 BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
