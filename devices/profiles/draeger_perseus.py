"""Draeger Perseus: an anaesthesia machine with MEDIBUS.X."""

from devices.profiles import Evidence, Profile
from devices.profiles._draeger import ANAESTHESIA, NOTE, SOURCE, medibus

PROFILE = Profile(
    name="draeger-perseus",
    manufacturer="Draegerwerk AG",
    model="Perseus A500",
    source=SOURCE + "; Perseus A500 Instructions for Use, SW 2.0n, technical data (RS232 interface)",
    evidence=Evidence.UNVERIFIED,
    metrics=ANAESTHESIA,
    link=medibus(19200, "E"),
    note=NOTE + " A null modem adapter belongs to its male connector. Set to MEDIBUS, it talks at 9600 baud.",
)
