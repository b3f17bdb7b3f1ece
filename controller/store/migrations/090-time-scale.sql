-- The controller's time scale over its restarts, and the line by which each boot's rows are stamped.

-- A boot of the controller's host. In it the scale is `offset_us` more than the time since that boot.
CREATE TABLE scale (
  id INTEGER PRIMARY KEY,
  host_boot BLOB NOT NULL,
  offset_us INTEGER NOT NULL,
  began_us INTEGER NOT NULL,        -- the scale's time at the first start in that boot
  ended_us INTEGER,                 -- and the last that is known of it; null: it is the present one
  pushed_us INTEGER NOT NULL DEFAULT 0, -- by how much it was moved back since, to end before the next began
  gap_known INTEGER NOT NULL        -- 0: UTC was behind the last time known, so nobody knows what passed since
) STRICT;

ALTER TABLE boot ADD COLUMN newest_us INTEGER NOT NULL DEFAULT 0; -- the greatest monotonic time that was heard
ALTER TABLE boot ADD COLUMN knots TEXT NOT NULL DEFAULT '[]';     -- controller/timeline.py: JSON [[mono, offset]]
UPDATE boot SET newest_us = measured_us - offset_us,
  knots = json_array(json_array(measured_us - offset_us, offset_us));
