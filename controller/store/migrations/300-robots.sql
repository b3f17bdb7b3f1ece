-- Robots that carry things, what was asked of them and decided, and why (controller/robots/).
--
-- Times `*_ms` are in the controller's time scale. What robots say of themselves is in device_event, of the kinds
-- `vehicle` and `vehicle-at`.

INSERT INTO meta VALUES ('robots', 0);  -- how often the fleet was begun: part of every order's id

CREATE TABLE robot (
  id TEXT PRIMARY KEY,                -- its device id
  gateway TEXT NOT NULL,              -- which passes on what it says
  version TEXT NOT NULL,              -- of VDA 5050, as its messages say
  manufacturer TEXT NOT NULL,
  serial TEXT NOT NULL,
  factsheet TEXT,                     -- JSON, as it came
  taken_over_by TEXT NOT NULL,        -- the person who has taken it over here; '': nobody
  changed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The order that each robot was sent last, whole, and how it stands to the fleet's own numbers.
CREATE TABLE robot_errand (
  robot TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  "order" TEXT NOT NULL,              -- JSON of VDA 5050
  "more" TEXT NOT NULL                -- JSON: the rest of errand.py
) STRICT, WITHOUT ROWID;

-- Every message to a robot; it is here before it goes out.
CREATE TABLE robot_message (
  id INTEGER PRIMARY KEY,
  robot TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,          -- when it can reach the robot no more
  topic TEXT NOT NULL,                -- "order", "instantActions"
  json TEXT NOT NULL,
  why TEXT NOT NULL,
  command TEXT NOT NULL               -- id in `command`
) STRICT;
CREATE INDEX robot_message_time ON robot_message (at_ms);
CREATE INDEX robot_message_robot ON robot_message (robot, id);
CREATE TRIGGER robot_message_no_update BEFORE UPDATE ON robot_message
BEGIN SELECT raise(ABORT, 'what was sent was sent'); END;

-- What was decided and what happened, each with its reason.
CREATE TABLE robot_decision (
  id INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  robot TEXT,
  transport TEXT,
  why TEXT NOT NULL,
  detail TEXT NOT NULL                -- JSON
) STRICT;
CREATE INDEX robot_decision_time ON robot_decision (at_ms);
CREATE INDEX robot_decision_transport ON robot_decision (transport, id) WHERE transport IS NOT NULL;
CREATE TRIGGER robot_decision_no_update BEFORE UPDATE ON robot_decision
BEGIN SELECT raise(ABORT, 'decisions stay'); END;

CREATE TABLE robot_transport (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,            -- TR00000001
  pick TEXT NOT NULL,                 -- stations of the map
  "drop" TEXT NOT NULL,
  load TEXT NOT NULL,
  priority INTEGER NOT NULL,
  subject TEXT NOT NULL,              -- what it is for: "RX00000001/1"; never a patient
  deadline_ms INTEGER,
  state TEXT NOT NULL,                -- told.py, Stage
  robot TEXT,
  why TEXT NOT NULL,                  -- of the last change
  cancelled_by TEXT NOT NULL,         -- '': nobody
  revision INTEGER NOT NULL,
  asked_by TEXT NOT NULL,
  wanted_ms INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX transport_open ON robot_transport (state) WHERE state IN ('wanted', 'assigned', 'picked', 'returning');
CREATE INDEX transport_subject ON robot_transport (subject) WHERE subject <> '';
CREATE TRIGGER transport_no_delete BEFORE DELETE ON robot_transport
BEGIN SELECT raise(ABORT, 'transports stay: cancel it'); END;
CREATE TRIGGER transport_ends BEFORE UPDATE OF state ON robot_transport
WHEN old.state IN ('delivered', 'returned', 'cancelled', 'failed')
BEGIN SELECT raise(ABORT, 'it is over: ask for another'); END;

-- Ways on which nobody drives, until a person says otherwise.
CREATE TABLE robot_edge (
  edge TEXT PRIMARY KEY,
  why TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether all robots were stopped, and by whom.
CREATE TABLE robot_stop (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX device_event_vehicle ON device_event (at_us) WHERE kind IN ('vehicle', 'vehicle-at');
CREATE INDEX command_robot ON command (expires_utc_us) WHERE name = 'robot-order';
