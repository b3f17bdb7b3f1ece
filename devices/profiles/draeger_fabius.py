"""Draeger Fabius: an anaesthesia machine that ventilates, and measures no gas but oxygen."""

from devices.profiles import Evidence, Profile
from devices.profiles._draeger import NOTE, SOURCE, VENTILATED, medibus

PROFILE = Profile(
    name="draeger-fabius",
    manufacturer="Draegerwerk AG",
    model="Fabius GS",
    source=SOURCE
    + "; MEDIBUS for Fabius GS (4117877) and for Fabius GS/GS premium/Tiro/plus/OS/MRI, contents",
    evidence=Evidence.UNVERIFIED,
    metrics=VENTILATED,
    link=medibus(9600, "E"),
    note=NOTE
    + " Set COM1 to MEDIBUS in service mode. A machine made before October 2004 has a male COM1 and needs a "
    "null modem; a female COM1 needs none.",
)
