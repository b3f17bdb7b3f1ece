"""The clock of a Bluetooth model, which is read and set at each connection.

Its characteristics come first in a model's list: what it showed before it was set places its measurements.
"""

from devices.codecs import Codec, current_time
from devices.codecs.device_clock import DeviceClock
from devices.profiles import BleCharacteristic

DATE_TIME = BleCharacteristic(current_time.DATE_TIME, read=True, subscribe=False, optional=True)
CURRENT_TIME = BleCharacteristic(current_time.CURRENT_TIME, read=True, subscribe=False, optional=True)
LOCAL_TIME = BleCharacteristic(
    current_time.LOCAL_TIME_INFORMATION,
    current_time.LocalTimeInformationCodec,
    read=True,
    subscribe=False,
    optional=True,
)
CLOCKS = (DATE_TIME, CURRENT_TIME, LOCAL_TIME)
"""What a model may have, of which nobody knows more than that it keeps to its service."""


def clock_codecs(clock: DeviceClock) -> dict[str, Codec]:
    """The codecs of DATE_TIME and CURRENT_TIME."""
    return {
        DATE_TIME.uuid: current_time.DateTimeCodec(clock),
        CURRENT_TIME.uuid: current_time.CurrentTimeCodec(clock),
    }
