"""What the models with the Weight Scale and Body Composition Services have in common."""

from collections.abc import Mapping
from dataclasses import replace

from devices.codecs import Codec, Host, body_composition, weight_scale
from devices.codecs.body_composition import BodyCompositionCodec
from devices.codecs.device_clock import DeviceClock
from devices.codecs.weight_scale import LastWeighing, WeightCodec
from devices.profiles import BleCharacteristic
from devices.profiles._clock import CLOCKS, clock_codecs
from devices.profiles._shared import BATTERY, IDENTITY

WEIGHT = BleCharacteristic(weight_scale.MEASUREMENT)
WEIGHT_FEATURE = BleCharacteristic(
    weight_scale.FEATURE, weight_scale.FeatureCodec, read=True, subscribe=False, optional=True
)
COMPOSITION = BleCharacteristic(body_composition.MEASUREMENT)
COMPOSITION_FEATURE = BleCharacteristic(
    body_composition.FEATURE, body_composition.FeatureCodec, read=True, subscribe=False, optional=True
)
METRICS = tuple(dict.fromkeys((*weight_scale.METRICS, *body_composition.METRICS)))
CONSENT_NOTE = (
    "A scale with the User Data Service (Beurer BF105, BF500, BF600, BF720, BF788, BF850, BF950, Sanitas "
    "SBF77, A&D UC-421BLE) sends nothing until a user has consented, which is not done here. Xiaomi's scales "
    "are not of these services, whatever they advertise. Compare a new model's first weighing with its "
    "display: some scales are said to count in other steps (Omron SC-150)."
)


def characteristics(needed: str) -> tuple[BleCharacteristic, ...]:
    """Those of a scale that is known for its services only; the one `needed` must be there."""
    both = (WEIGHT, COMPOSITION)
    measurements = tuple(one if one.uuid == needed else replace(one, optional=True) for one in both)
    return (*CLOCKS, WEIGHT_FEATURE, COMPOSITION_FEATURE, *measurements, BATTERY, *IDENTITY)


def linked(host: Host) -> Mapping[str, Codec]:
    """The codecs of WEIGHT, COMPOSITION and both clocks."""
    clock, last = DeviceClock(host), LastWeighing()
    return {
        weight_scale.MEASUREMENT: WeightCodec(clock, last),
        body_composition.MEASUREMENT: BodyCompositionCodec(clock, last),
        **clock_codecs(clock),
    }
