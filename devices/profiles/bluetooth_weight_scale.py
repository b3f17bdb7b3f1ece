"""Any scale with the Bluetooth SIG's Weight Scale Service."""

from devices.codecs import weight_scale
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._weight import CONSENT_NOTE, METRICS, characteristics, linked

PROFILE = Profile(
    name="bluetooth-weight-scale",
    manufacturer="any",
    model="with the Weight Scale Service",
    source="Bluetooth SIG, Weight Scale Service 1.0, Body Composition Service 1.0, Current Time Service 1.1",
    evidence=Evidence.CAPTURE,
    note=f"For a model that has no profile of its own. It is paired with. {CONSENT_NOTE}",
    metrics=METRICS,
    link=BleLink(
        service=weight_scale.SERVICE,
        name_prefix="",
        characteristics=characteristics(weight_scale.MEASUREMENT),
        bond=True,
        linked=linked,
    ),
)
