"""What the models with the Health Thermometer Service have in common."""

from collections.abc import Mapping

from devices.codecs import Codec, Host, thermometer
from devices.codecs.device_clock import DeviceClock
from devices.codecs.thermometer import ThermometerCodec
from devices.profiles import BleCharacteristic
from devices.profiles._clock import clock_codecs

MEASUREMENT = BleCharacteristic(thermometer.MEASUREMENT)
INTERMEDIATE = BleCharacteristic(
    thermometer.INTERMEDIATE, lambda: ThermometerCodec(intermediate=True), optional=True
)


def linked(host: Host) -> Mapping[str, Codec]:
    """The codecs of MEASUREMENT and both clocks."""
    clock = DeviceClock(host)
    return {thermometer.MEASUREMENT: ThermometerCodec(clock=clock), **clock_codecs(clock)}
