"""Draeger Evita 4 and Evita 2 dura: intensive care ventilators."""

from devices.profiles import Evidence, Profile
from devices.profiles._draeger import NOTE, SOURCE, VENTILATOR, medibus

PROFILE = Profile(
    name="draeger-evita-4",
    manufacturer="Draegerwerk AG",
    model="Evita 4",
    source=SOURCE,
    evidence=Evidence.EXAMPLE,
    metrics=VENTILATOR,
    link=medibus(19200, "E"),
    note=NOTE,
)
