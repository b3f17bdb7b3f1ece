-- What was asked for one patient in a bed of a ward (controller/bedside/): it goes to the gateways there as a
-- setting, and what holds they tell themselves, as events of the kinds `classes`, `lying` and `limit`.

CREATE TABLE stay_class (
  stay INTEGER PRIMARY KEY REFERENCES stay,
  class TEXT NOT NULL,              -- adult, child, neonate; empty: that of the bed
  at_ms INTEGER NOT NULL,           -- in the controller's time scale
  by TEXT NOT NULL
) STRICT;

CREATE TABLE stay_limit (
  stay INTEGER NOT NULL REFERENCES stay,
  code TEXT NOT NULL,               -- of the condition (devices/model/alarm_limits.csv)
  value TEXT NOT NULL,              -- empty: that of the class
  ended TEXT NOT NULL,              -- the value that went because another class does not allow it; empty: none
  at_ms INTEGER NOT NULL,
  by TEXT NOT NULL,
  PRIMARY KEY (stay, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_event_classes ON device_event (gateway, at_us)
WHERE device IS NULL AND kind = 'classes';
CREATE INDEX device_event_lying ON device_event (gateway, json_extract(detail, '$.bed'), at_us)
WHERE device IS NULL AND kind = 'lying';
CREATE INDEX device_event_limit ON device_event (json_extract(detail, '$.stay'), at_us)
WHERE device IS NULL AND kind = 'limit';
