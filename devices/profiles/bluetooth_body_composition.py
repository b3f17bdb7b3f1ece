"""Any scale with the Bluetooth SIG's Body Composition Service."""

from devices.codecs import body_composition
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._weight import CONSENT_NOTE, METRICS, characteristics, linked

PROFILE = Profile(
    name="bluetooth-body-composition",
    manufacturer="any",
    model="with the Body Composition Service",
    source="Bluetooth SIG, Body Composition Service 1.0, Weight Scale Service 1.0, Current Time Service 1.1",
    evidence=Evidence.CAPTURE,
    note=f"For a model that has no profile of its own. It is paired with. {CONSENT_NOTE}",
    metrics=METRICS,
    link=BleLink(
        service=body_composition.SERVICE,
        name_prefix="",
        characteristics=characteristics(body_composition.MEASUREMENT),
        bond=True,
        linked=linked,
    ),
)
