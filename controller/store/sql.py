"""Pieces of SQL that many statements have, as both databases understand them."""

IDS = "(SELECT CAST(value AS INTEGER) FROM json_each(?))"
"""Whole numbers, which come as a list in JSON: `WHERE id IN {IDS}`."""
