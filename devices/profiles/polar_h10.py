"""Polar H10: a chest strap that measures heart rate and beat intervals from the ECG."""

from devices.codecs import heart_rate
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile
from devices.profiles._shared import BATTERY, IDENTITY

CHARACTERISTICS = (
    BleCharacteristic(heart_rate.MEASUREMENT, heart_rate.HeartRateCodec),
    BleCharacteristic(
        heart_rate.BODY_SENSOR_LOCATION,
        heart_rate.BodySensorLocationCodec,
        read=True,
        subscribe=False,
        optional=True,
    ),
    BATTERY,
    *IDENTITY,
)

PROFILE = Profile(
    name="polar-h10",
    manufacturer="Polar Electro Oy",
    model="H10",
    source=(
        "Polar, Technical documentation for developers: H6, H7, H10 and OH1 heart rate sensors "
        "(heart rate once a second, RR intervals in 1/1024 s, contact told in the flags, link "
        "ended by the strap after 20 to 30 s without contact; services for heart rate, identity and battery)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=("hr",),
    link=BleLink(
        service=heart_rate.SERVICE,
        name_prefix="Polar H10",
        characteristics=CHARACTERISTICS,
    ),
    note="polar-h10-ecg has the ECG, too.",
)
