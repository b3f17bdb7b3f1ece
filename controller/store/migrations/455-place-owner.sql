-- Of "objects": the name of these rows, and how often it was counted up, as the bucket of recordings has it
-- (controller/objects/owner.py). Of "images": the name of the index that all controllers have.
CREATE TABLE place_owner (kind TEXT PRIMARY KEY, name TEXT NOT NULL, turn INTEGER NOT NULL) STRICT;
