"""Draeger Evita Infinity V500: an intensive care ventilator."""

from devices.profiles import Evidence, Profile
from devices.profiles._draeger import NOTE, SOURCE, VENTILATOR, medibus

PROFILE = Profile(
    name="draeger-v500",
    manufacturer="Draegerwerk AG",
    model="Evita Infinity V500",
    source=SOURCE,
    evidence=Evidence.EXAMPLE,
    metrics=VENTILATOR,
    link=medibus(19200, "N"),
    note=NOTE + " 38400 baud can be set too.",
)
