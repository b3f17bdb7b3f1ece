"""A vehicle's engine by OBD-II, through an ELM327 adapter."""

from devices.codecs.elm327.codec import METRICS, Elm327
from devices.profiles import Evidence, Profile, SerialLink

PROFILE = Profile(
    name="obd-elm327",
    manufacturer="Elm Electronics and others",
    model="ELM327 (OBD-II adapter)",
    source=(
        "Elm Electronics, ELM327 data sheet (v2.2) and ELM329 data sheet; SAE J1979 as in them and in "
        "python-OBD; replies of cars in forum posts and issues (see tests/captures/obd_elm327.json)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=METRICS,
    link=SerialLink(baudrate=38400, codec=Elm327),
    note=(
        "The chip begins at 38400 baud, or at 9600 with its pin 6 low; many clones on USB at 115200. By "
        "Bluetooth's serial port any speed will do. It is only read from: services 01, 03 and 09. Which "
        "values there are depends on the vehicle, which tells it; only those from about 2019 have an "
        "odometer (A6). ATSP0 lets the adapter find the bus by itself; it keeps that over a restart."
    ),
)
