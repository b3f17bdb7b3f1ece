"""A satellite receiver that speaks NMEA 0183 at 9600 baud."""

from devices.codecs.nmea.codec import METRICS, NmeaGnss
from devices.profiles import Evidence, Profile, SerialLink
from devices.profiles._nmea import NOTE, SOURCE

PROFILE = Profile(
    name="nmea-gnss",
    manufacturer="any",
    model="satellite receiver, NMEA 0183, 9600 baud",
    source=SOURCE,
    evidence=Evidence.CAPTURE,
    metrics=METRICS,
    link=SerialLink(
        baudrate=9600,
        codec=NmeaGnss,
        usb_ids=((0x1546, 0x01A6), (0x1546, 0x01A7), (0x1546, 0x01A8), (0x1546, 0x01A9)),
    ),
    note=NOTE
    + "u-blox (USB ids of generations 6 to 9) and most others begin at 9600 baud; on USB any speed will do. "
    "For the speed of the standard, 4800 baud, there is nmea-gnss-4800. A receiver at another speed is set "
    "to 9600 with its maker's tool (u-center: UBX-CFG-PRT; MediaTek: $PMTK251,9600).",
)
