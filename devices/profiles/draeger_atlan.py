"""Draeger Atlan: an anaesthesia machine with MEDIBUS.X."""

from devices.profiles import Evidence, Profile
from devices.profiles._draeger import ANAESTHESIA, NOTE, SOURCE, medibus

PROFILE = Profile(
    name="draeger-atlan",
    manufacturer="Draegerwerk AG",
    model="Atlan A350",
    source=SOURCE,
    evidence=Evidence.EXAMPLE,
    metrics=ANAESTHESIA,
    link=medibus(19200, "E"),
    note=NOTE
    + " An A350 was seen at 9600 baud 8E1. Of a real Atlan only its identity and its time were found in "
    "public, no measured data.",
)
