"""What the models with the Blood Pressure Service have in common."""

from collections.abc import Mapping

from devices.codecs import Codec, Host, blood_pressure
from devices.codecs.blood_pressure import BloodPressureCodec
from devices.codecs.device_clock import DeviceClock
from devices.profiles import BleCharacteristic
from devices.profiles._clock import CURRENT_TIME, DATE_TIME, clock_codecs

FEATURE = BleCharacteristic(
    blood_pressure.FEATURE, blood_pressure.FeatureCodec, read=True, subscribe=False, optional=True
)
MEASUREMENT = BleCharacteristic(blood_pressure.MEASUREMENT)
CUFF_PRESSURE = BleCharacteristic(
    blood_pressure.INTERMEDIATE, blood_pressure.CuffPressureCodec, optional=True
)
BOTH_CLOCKS = (DATE_TIME, CURRENT_TIME)


def linked(host: Host) -> Mapping[str, Codec]:
    """The codecs of MEASUREMENT and both clocks."""
    clock = DeviceClock(host)
    return {blood_pressure.MEASUREMENT: BloodPressureCodec(clock), **clock_codecs(clock)}


def linked_beurer(host: Host) -> Mapping[str, Codec]:
    """`linked`, with Beurer's exceptions."""
    clock = DeviceClock(host)
    return {blood_pressure.MEASUREMENT: BloodPressureCodec(clock, beurer=True), **clock_codecs(clock)}
