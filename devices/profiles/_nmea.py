"""What the profiles of satellite receivers share."""

SOURCE = (
    'NMEA 0183 as in gpsd\'s "NMEA Revealed" and driver_nmea0183.c; u-blox, M8 and M9 receiver '
    "descriptions; recordings of some 90 receivers in gpsd, test/daemon"
)
NOTE = (
    "Estimated (dead reckoning), entered and simulated positions are no value, and a STATUS. The "
    "navigational status V of NMEA 4.1 does not count: it says that the receiver does not provide that "
    "status (u-blox: always). Without a third dimension (GSA) there is no altitude. Sentences without a "
    "checksum are not taken. Speed and course are over ground; receivers at rest leave the course empty, or "
    "tell the last one. DEVICE_CLOCK is UTC. "
)
