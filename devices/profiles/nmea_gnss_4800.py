"""A satellite receiver that speaks NMEA 0183 at 4800 baud."""

from devices.codecs.nmea.codec import METRICS, NmeaGnss
from devices.profiles import Evidence, Profile, SerialLink
from devices.profiles._nmea import NOTE, SOURCE

PROFILE = Profile(
    name="nmea-gnss-4800",
    manufacturer="any",
    model="satellite receiver, NMEA 0183, 4800 baud",
    source=SOURCE,
    evidence=Evidence.CAPTURE,
    metrics=METRICS,
    link=SerialLink(baudrate=4800, codec=NmeaGnss),
    note=NOTE + "SiRF receivers and marine instruments have this speed; others 9600 baud (nmea-gnss).",
)
