"""A&D UA-651BLE: an upper-arm blood pressure monitor that sends its measurements once it is connected."""

from devices.codecs import blood_pressure
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._blood_pressure import BOTH_CLOCKS, FEATURE, MEASUREMENT, linked
from devices.profiles._shared import BATTERY, IDENTITY

PROFILE = Profile(
    name="and-ua-651ble",
    manufacturer="A&D Company, Limited",
    model="UA-651BLE",
    source=(
        "Bluetooth SIG, Blood Pressure Service 1.1.1; HEADS-project/ThingML-BLE, "
        "Documentation/AND_Medical_UA651BLE.md (its characteristics, and what it sent); obniz.js, "
        "parts/Ble/UA651BLE (the advertised name, that it must be paired, that Date Time is written)"
    ),
    evidence=Evidence.CAPTURE,
    note=(
        "Pair it once: hold its button until it shows Pr. A measurement that failed has NaN and an empty "
        "status, so its reason is not known. What it could not send it keeps, and sends at the next "
        "connection. Its own service (233bf000-...), which sends everything again, is not used."
    ),
    metrics=blood_pressure.METRICS,
    link=BleLink(
        service=blood_pressure.SERVICE,
        name_prefix="A&D_UA-651BLE",
        characteristics=(*BOTH_CLOCKS, FEATURE, MEASUREMENT, BATTERY, *IDENTITY),
        bond=True,
        linked=linked,
    ),
)
