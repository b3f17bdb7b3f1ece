"""Any blood pressure monitor with the Bluetooth SIG's Blood Pressure Service."""

from devices.codecs import blood_pressure
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._blood_pressure import BOTH_CLOCKS, CUFF_PRESSURE, FEATURE, MEASUREMENT, linked
from devices.profiles._clock import LOCAL_TIME
from devices.profiles._shared import BATTERY, IDENTITY

PROFILE = Profile(
    name="bluetooth-blood-pressure",
    manufacturer="any",
    model="with the Blood Pressure Service",
    source="Bluetooth SIG, Blood Pressure Service 1.1.1, Current Time Service 1.1",
    evidence=Evidence.CAPTURE,
    note=(
        "For a model that has no profile of its own. It is paired with. Beurer's BM85 departs from the "
        "specification, and perhaps the BM48 and Elite 900: take beurer-bm85 for them. Many older Omron "
        "monitors advertise the service, and answer only to Omron's protocol."
    ),
    metrics=(*blood_pressure.METRICS, "cuff_pressure"),
    link=BleLink(
        service=blood_pressure.SERVICE,
        name_prefix="",
        characteristics=(
            *BOTH_CLOCKS,
            LOCAL_TIME,
            FEATURE,
            CUFF_PRESSURE,
            MEASUREMENT,
            BATTERY,
            *IDENTITY,
        ),
        bond=True,
        linked=linked,
    ),
)
