"""A&D UT-201BLE: a digital thermometer that sends each measurement once it is connected."""

from devices.codecs import thermometer
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile
from devices.profiles._shared import BATTERY, IDENTITY

PROFILE = Profile(
    name="and-ut-201ble",
    manufacturer="A&D Company, Limited",
    model="UT-201BLE",
    source=(
        "Bluetooth SIG, Health Thermometer Service 1.0; obniz.js, parts/Ble/UT201BLE "
        "(the advertised name, that it must be paired, its Temperature Measurement with time and place)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=thermometer.METRICS,
    link=BleLink(
        service=thermometer.SERVICE,
        name_prefix="A&D_UT201BLE",
        characteristics=(
            BleCharacteristic(thermometer.MEASUREMENT, thermometer.ThermometerCodec),
            BATTERY,
            *IDENTITY,
        ),
        bond=True,
    ),
)
