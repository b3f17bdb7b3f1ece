"""How a Bluetooth blood glucose meter is spoken to: its clock is read first, its records asked for last."""

from devices.codecs import glucose_meter
from devices.codecs.racp import RACP
from devices.profiles import BleCharacteristic, BleLink
from devices.profiles._clock import CURRENT_TIME, DATE_TIME
from devices.profiles._shared import BATTERY, IDENTITY


def meter(name_prefix: str, *, bond: bool) -> BleLink:
    """The link of a meter whose advertised name begins with `name_prefix`."""
    return BleLink(
        service=glucose_meter.SERVICE,
        name_prefix=name_prefix,
        characteristics=(
            CURRENT_TIME,
            DATE_TIME,
            BleCharacteristic(
                glucose_meter.FEATURE, glucose_meter.FeatureCodec, read=True, subscribe=False, optional=True
            ),
            BATTERY,
            *IDENTITY,
            BleCharacteristic(glucose_meter.MEASUREMENT),
            BleCharacteristic(glucose_meter.CONTEXT, optional=True),
            BleCharacteristic(RACP),
        ),
        bond=bond,
        linked=glucose_meter.linked,
    )
