"""Beurer BM59: an upper-arm blood pressure monitor for two users, which may have a byte order of its own."""

from devices.codecs import blood_pressure
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._blood_pressure import BOTH_CLOCKS, FEATURE, MEASUREMENT, linked_beurer
from devices.profiles._shared import BATTERY, IDENTITY

PROFILE = Profile(
    name="beurer-bm59",
    manufacturer="Beurer GmbH",
    model="BM59",
    source=(
        "Bluetooth SIG, Blood Pressure Service 1.1.1; derdilla/blood-pressure-monitor-fl, docs/bluetooth.md "
        "(the advertised name) and its decoder (which fields depart from the specification, and how)"
    ),
    evidence=Evidence.CAPTURE,
    note=(
        "It tells no mean pressure. It sends all that it has stored each time it connects: an older "
        "measurement comes again, at its own time."
        " The captures are of a BM85. Sources disagree whether a BM59's byte order is the BM85's or the "
        "specification's: both are read."
    ),
    metrics=("nibp_sys", "nibp_dia", "pr_nibp"),
    link=BleLink(
        service=blood_pressure.SERVICE,
        name_prefix="BM 59",
        characteristics=(*BOTH_CLOCKS, FEATURE, MEASUREMENT, BATTERY, *IDENTITY),
        bond=True,
        linked=linked_beurer,
    ),
)
