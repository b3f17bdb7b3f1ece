"""NMEA 0183: what a satellite receiver tells of place, speed and time."""
