"""The node's core: pure, for MicroPython 1.9.2 to 1.29 and CPython, and the same bytes on each.

No machine, no clock, no randomness, no files: those are handed in. No syntax later than Python 3.5's.
"""
