-- Of "objects": the name of this index, and how often it was counted up, as the place of the files has it
-- (controller/objects/owner.py).
CREATE TABLE place_owner (kind TEXT PRIMARY KEY, name TEXT NOT NULL, turn INTEGER NOT NULL) STRICT;
