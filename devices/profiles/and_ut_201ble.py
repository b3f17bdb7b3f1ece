"""A&D UT-201BLE: a digital thermometer that sends each measurement once it is connected."""

from devices.codecs import thermometer
from devices.codecs.thermometer import Place
from devices.profiles import BleLink, Evidence, Profile
from devices.profiles._clock import CURRENT_TIME, DATE_TIME
from devices.profiles._shared import BATTERY, IDENTITY
from devices.profiles._thermometer import INTERMEDIATE, MEASUREMENT, linked

PROFILE = Profile(
    name="and-ut-201ble",
    manufacturer="A&D Company, Limited",
    model="UT-201BLE",
    source=(
        "Bluetooth SIG, Health Thermometer Service 1.0; obniz.js, parts/Ble/UT201BLE "
        "(the advertised name, that it must be paired, its Temperature Measurement with time and place, "
        "that Date Time is written); Stack Overflow question 66169331 (what it sends: °C, time, place Body)"
    ),
    evidence=Evidence.CAPTURE,
    note="It does not know where it is put: the place in its values is Body.",
    metrics=(thermometer.metric_of(Place.BODY),),
    link=BleLink(
        service=thermometer.SERVICE,
        name_prefix="A&D_UT201BLE",
        characteristics=(DATE_TIME, CURRENT_TIME, INTERMEDIATE, MEASUREMENT, BATTERY, *IDENTITY),
        bond=True,
        linked=linked,
    ),
)
