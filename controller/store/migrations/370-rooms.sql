-- Rooms are of meetings of any kind, by their number: visits, conferences (controller/telemedicine/rooms/).

CREATE TABLE room_seat (
  room TEXT NOT NULL,                  -- the meeting's number: TV00000001
  number INTEGER NOT NULL,             -- never given to another page: from it follows who makes the offers
  page BLOB NOT NULL,                  -- hash of the page's own secret
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  part TEXT NOT NULL,                  -- 'staff', 'patient', 'guest'
  at_ms INTEGER NOT NULL,
  left_ms INTEGER,
  PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX room_seat_page ON room_seat (room, page, actor);
CREATE INDEX room_seat_here ON room_seat (room) WHERE left_ms IS NULL;

-- What was written in a room; it only grows.
CREATE TABLE room_talk (
  id INTEGER PRIMARY KEY,
  room TEXT NOT NULL,
  actor TEXT NOT NULL,
  name TEXT NOT NULL,
  text TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  key TEXT NOT NULL                    -- the page's, by which a line that it says again is known
) STRICT;
CREATE UNIQUE INDEX room_talk_once ON room_talk (room, actor, key);
CREATE INDEX room_talk_of ON room_talk (room, id);
CREATE TRIGGER room_talk_no_update BEFORE UPDATE ON room_talk
BEGIN SELECT raise(ABORT, 'what was written only grows'); END;
CREATE TRIGGER room_talk_no_delete BEFORE DELETE ON room_talk
BEGIN SELECT raise(ABORT, 'what was written only grows'); END;

INSERT INTO room_seat (room, number, page, actor, name, part, at_ms, left_ms)
SELECT visit.number, visit_seat.number, page, actor, name, part, at_ms, left_ms
FROM visit_seat JOIN visit ON visit.id = visit_seat.visit;
INSERT INTO room_talk (id, room, actor, name, text, at_ms, key)
SELECT visit_talk.id, visit.number, actor, name, text, at_ms, key
FROM visit_talk JOIN visit ON visit.id = visit_talk.visit;
DROP TABLE visit_seat;
DROP TABLE visit_talk;
