"""Checklists that are gone through in a room, step by step, at the bedside and by who looks on from afar.

library     the lists there are, from library.toml
service     which one is on, and which steps are done, by whom and when; it only grows
"""
