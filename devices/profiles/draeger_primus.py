"""Draeger Primus and Apollo: anaesthesia machines with MEDIBUS."""

from devices.profiles import Evidence, Profile
from devices.profiles._draeger import ANAESTHESIA, NOTE, SOURCE, medibus

PROFILE = Profile(
    name="draeger-primus",
    manufacturer="Draegerwerk AG",
    model="Primus",
    source=SOURCE,
    evidence=Evidence.EXAMPLE,
    metrics=ANAESTHESIA,
    link=medibus(9600, "E"),
    note=NOTE + " The cable depends on the connector: a null modem where COM1 is male.",
)
