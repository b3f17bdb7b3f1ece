"""Faults that can be brought about here: killed processes, failing disks, bad networks, wrong clocks."""
