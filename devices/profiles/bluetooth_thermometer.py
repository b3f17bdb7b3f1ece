"""Any thermometer with the Bluetooth SIG's Health Thermometer Service."""

from devices.codecs import thermometer
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._clock import CLOCKS
from devices.profiles._shared import BATTERY, IDENTITY
from devices.profiles._thermometer import INTERMEDIATE, MEASUREMENT, linked

PROFILE = Profile(
    name="bluetooth-thermometer",
    manufacturer="any",
    model="with the Health Thermometer Service",
    source="Bluetooth SIG, Health Thermometer Service 1.0, Current Time Service 1.1",
    evidence=Evidence.CAPTURE,
    note="For a model that has no profile of its own. It is paired with.",
    metrics=thermometer.METRICS,
    link=BleLink(
        service=thermometer.SERVICE,
        name_prefix="",
        characteristics=(*CLOCKS, INTERMEDIATE, MEASUREMENT, BATTERY, *IDENTITY),
        bond=True,
        linked=linked,
    ),
)
