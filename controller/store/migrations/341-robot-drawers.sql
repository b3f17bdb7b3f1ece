-- Drawers that a robot was told to open for somebody; what a person did is in robot_handled once it was open.

CREATE TABLE robot_drawer (
  action TEXT PRIMARY KEY,            -- of VDA 5050: actionId of openDrawer
  robot TEXT NOT NULL,
  transport TEXT NOT NULL REFERENCES robot_transport (id),
  stage TEXT NOT NULL,                -- of the transport then
  drawer INTEGER NOT NULL,
  person TEXT NOT NULL,
  how TEXT NOT NULL,                  -- by what that person was known
  at_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'open', 'shut')),
  reason TEXT NOT NULL,               -- the same as code and parameters (reasons.py); '': none
  why TEXT NOT NULL                   -- shut: why it is not known to have opened
) STRICT, WITHOUT ROWID;
CREATE INDEX robot_drawer_transport ON robot_drawer (transport, at_ms);
