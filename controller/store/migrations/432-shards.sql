-- Which controller takes in the gateways of which shard (controller/shards/). A beat is raised by whoever is there; no
-- clock of another is compared. A token grows whenever a shard gets another holder, and what is committed for
-- a shard is committed under the newest.

CREATE TABLE replica (
  id TEXT PRIMARY KEY,
  beat INTEGER NOT NULL
) STRICT;

CREATE TABLE shard_lease (
  shard INTEGER PRIMARY KEY,           -- 0 … 63
  holder TEXT NOT NULL DEFAULT '',     -- '': nobody
  token INTEGER NOT NULL DEFAULT 0
) STRICT;

INSERT INTO shard_lease (shard) VALUES
  (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11), (12), (13), (14), (15),
  (16), (17), (18), (19), (20), (21), (22), (23), (24), (25), (26), (27), (28), (29), (30), (31),
  (32), (33), (34), (35), (36), (37), (38), (39), (40), (41), (42), (43), (44), (45), (46), (47),
  (48), (49), (50), (51), (52), (53), (54), (55), (56), (57), (58), (59), (60), (61), (62), (63);
