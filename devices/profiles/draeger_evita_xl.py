"""Draeger Evita XL: an intensive care ventilator."""

from devices.profiles import Evidence, Profile
from devices.profiles._draeger import NOTE, SOURCE, VENTILATOR, medibus

PROFILE = Profile(
    name="draeger-evita-xl",
    manufacturer="Draegerwerk AG",
    model="Evita XL",
    source=SOURCE,
    evidence=Evidence.EXAMPLE,
    metrics=VENTILATOR,
    link=medibus(19200, "N"),
    note=NOTE
    + " Sources disagree about parity (mdpnp: none for an XL, even for an Evita 4; mdrepo: even for both): "
    "see the device's setup.",
)
