"""A&D UC-352BLE: a scale that sends its measurements once it is connected."""

from collections.abc import Mapping

from devices.codecs import Codec, Host, weight_scale
from devices.codecs.device_clock import DeviceClock
from devices.codecs.weight_scale import WeightCodec
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._clock import CURRENT_TIME, DATE_TIME, clock_codecs
from devices.profiles._shared import BATTERY, IDENTITY
from devices.profiles._weight import WEIGHT, WEIGHT_FEATURE


def _linked(host: Host) -> Mapping[str, Codec]:
    clock = DeviceClock(host)
    return {weight_scale.MEASUREMENT: WeightCodec(clock), **clock_codecs(clock)}


PROFILE = Profile(
    name="and-uc-352ble",
    manufacturer="A&D Company, Limited",
    model="UC-352BLE",
    source=(
        "Bluetooth SIG, Weight Scale Service 1.0; HEADS-project/ThingML-BLE, "
        "Documentation/AND_Medical_UC352BLE.md (its characteristics); openScale, AndUC352BLEHandler (the "
        "advertised name); obniz.js, parts/Ble/UC352BLE (that it must be paired)"
    ),
    evidence=Evidence.CAPTURE,
    note=(
        "Pair it once: hold the button at its back. Scales made before 2014 have A&D's own service: "
        "and-uc-352ble-old. Sources disagree about its clock, Date Time or Current Time: whichever it has is "
        "set."
    ),
    metrics=("weight",),
    link=BleLink(
        service=weight_scale.SERVICE,
        name_prefix="A&D_UC-352BLE",
        characteristics=(DATE_TIME, CURRENT_TIME, WEIGHT_FEATURE, WEIGHT, BATTERY, *IDENTITY),
        bond=True,
        linked=_linked,
    ),
)
