-- Why robots did what they did, as code and parameters (controller/robots/reasons.py) beside the English text in
-- `why`; '': in somebody's own words.
ALTER TABLE robot_decision ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE robot_message ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE robot_transport ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE robot_edge ADD COLUMN reason TEXT NOT NULL DEFAULT '';
-- How long transports took lately, for a start (controller/robots/eta.py).
CREATE INDEX robot_decision_arrived ON robot_decision (id) WHERE kind = 'arrived';
