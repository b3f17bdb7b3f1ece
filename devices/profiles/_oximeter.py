"""How a Bluetooth pulse oximeter is spoken to: its clock is set first, its records asked for last."""

from devices.codecs import pulse_oximeter
from devices.codecs.racp import RACP
from devices.profiles import BleCharacteristic, BleLink
from devices.profiles._clock import CURRENT_TIME, DATE_TIME
from devices.profiles._shared import BATTERY, IDENTITY


def oximeter(name_prefix: str, *, must_have: str) -> BleLink:
    """The link of an oximeter whose advertised name begins so, and which has at least one characteristic."""
    needed = {
        uuid: uuid != must_have
        for uuid in (pulse_oximeter.FEATURES, pulse_oximeter.CONTINUOUS, pulse_oximeter.SPOT_CHECK)
    }
    return BleLink(
        service=pulse_oximeter.SERVICE,
        name_prefix=name_prefix,
        characteristics=(
            CURRENT_TIME,
            DATE_TIME,
            BleCharacteristic(
                pulse_oximeter.FEATURES,
                pulse_oximeter.FeaturesCodec,
                read=True,
                subscribe=False,
                optional=needed[pulse_oximeter.FEATURES],
            ),
            BATTERY,
            *IDENTITY,
            BleCharacteristic(
                pulse_oximeter.CONTINUOUS,
                pulse_oximeter.ContinuousCodec,
                optional=needed[pulse_oximeter.CONTINUOUS],
            ),
            BleCharacteristic(pulse_oximeter.SPOT_CHECK, optional=needed[pulse_oximeter.SPOT_CHECK]),
            BleCharacteristic(RACP, optional=True),
        ),
        linked=pulse_oximeter.linked,
    )
