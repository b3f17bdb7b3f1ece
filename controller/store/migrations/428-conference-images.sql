-- Images of a case that were shown to all in the room of a conference (controller/conferences/images.py). What is drawn
-- on one is in room_mark, with "image-<id>" as its still: the same image shown again is the same row.

CREATE TABLE conference_image (
  id INTEGER PRIMARY KEY,
  conference_case INTEGER NOT NULL REFERENCES conference_case,
  item INTEGER NOT NULL REFERENCES conference_item, -- as what it was shown last
  study TEXT NOT NULL,
  series TEXT NOT NULL,
  instance TEXT NOT NULL,
  frame INTEGER NOT NULL,              -- from 1 on
  is_on INTEGER NOT NULL,              -- the one that is shown of its case; 0: it was put away, or another is
  by TEXT NOT NULL,                    -- an actor: who showed it last
  at_ms INTEGER NOT NULL,
  UNIQUE (conference_case, study, series, instance, frame)
) STRICT;
