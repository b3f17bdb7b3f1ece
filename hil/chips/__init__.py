"""Simulated chips at the level of their registers, on buses that fail as buses do.

Each is written from its data sheet, not from the driver.
"""
