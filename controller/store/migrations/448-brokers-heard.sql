-- At how many brokers a controller is heard now: one that is cut off from some gives its shards to those that are
-- not, for its gateways may be there (controller/shards/leases.py). Null: it is of a release that does not say.
ALTER TABLE replica ADD COLUMN heard_at INTEGER;
