"""Omron's blood pressure monitors that advertise as BLESmart_...: X4 Smart, X2 Smart+, BP5150 and others."""

from devices.codecs import blood_pressure
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._blood_pressure import BOTH_CLOCKS, FEATURE, MEASUREMENT, linked
from devices.profiles._shared import BATTERY, IDENTITY

PROFILE = Profile(
    name="omron-blesmart",
    manufacturer="Omron Healthcare Co., Ltd.",
    model="X4 Smart, X2 Smart+, BP5150",
    source=(
        "Bluetooth SIG, Blood Pressure Service 1.1.1; derdilla/blood-pressure-monitor-fl, docs/bluetooth.md "
        "(models that work by the standard service); eigger/hass-omron, issues 38 and 67 (the advertised "
        "name, that they must be bonded, that Current Time is all 0 until it is set)"
    ),
    evidence=Evidence.EXAMPLE,
    note=(
        "Hold the Bluetooth button until P flashes, then pair. The X4 Smart forgets what it has sent. "
        "Older models with the same name (HEM-7322T, Evolv, RS7) send nothing by this service: their "
        "memory is read by Omron's own protocol, which is not supported."
    ),
    metrics=blood_pressure.METRICS,
    link=BleLink(
        service=blood_pressure.SERVICE,
        name_prefix="BLESmart_",
        characteristics=(*BOTH_CLOCKS, FEATURE, MEASUREMENT, BATTERY, *IDENTITY),
        bond=True,
        linked=linked,
    ),
)
