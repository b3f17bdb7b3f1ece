-- Whose the place of images is (controller/objects/owner.py): the name of these rows, and how often they were counted up.
CREATE TABLE place_owner (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  name TEXT NOT NULL,
  turn INTEGER NOT NULL
) STRICT;
