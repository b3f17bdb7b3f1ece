"""Controllers that stand beside each other: which of them takes in what which gateway sends.

Gateways are hashed to shards (hashing.py), and shards are leased in the database (leases.py decides, table.py
reads and writes, replica.py does it each half second). A block is committed under the token of its shard's
lease (guard.py), and what has to be done once is done by whoever holds shard 0 (duty.py).
"""
