"""A&D UC-352BLE as made before the Weight Scale Service was adopted: A&D's own service, counting by 0.1."""

from collections.abc import Mapping

from devices.codecs import Codec, Host
from devices.codecs.device_clock import DeviceClock
from devices.codecs.weight_scale import AND_OWN, WeightCodec
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile
from devices.profiles._clock import CURRENT_TIME, DATE_TIME, clock_codecs
from devices.profiles._shared import BATTERY, IDENTITY

_SERVICE = "23434100-1fe4-1eff-80cb-00ff78297d8b"
_MEASUREMENT = "23434101-1fe4-1eff-80cb-00ff78297d8b"


def _linked(host: Host) -> Mapping[str, Codec]:
    clock = DeviceClock(host)
    return {_MEASUREMENT: WeightCodec(clock, steps=AND_OWN), **clock_codecs(clock)}


PROFILE = Profile(
    name="and-uc-352ble-old",
    manufacturer="A&D Company, Limited",
    model="UC-352BLE (own weight service)",
    source=(
        "A&D, sample application for Android (patelkarn/BLE_Sample_Android), ADGattUUID and "
        "AndCustomWeightScaleMeasurement (layout of Weight Measurement, in steps of 0.1 kg or 0.1 lb)"
    ),
    evidence=Evidence.EXAMPLE,
    note=(
        "See and-uc-352ble. Compare its first weighing with its display. A second application reads it by "
        "tenths, too, and so does one of two simulations of it; Embarcadero's TAnDWeightScale takes it for a "
        "Weight Measurement with that one's finer steps."
    ),
    metrics=("weight",),
    link=BleLink(
        service=_SERVICE,
        name_prefix="A&D_UC-352BLE",
        characteristics=(DATE_TIME, CURRENT_TIME, BleCharacteristic(_MEASUREMENT), BATTERY, *IDENTITY),
        bond=True,
        linked=_linked,
    ),
)
