"""Nonin 3230: a finger-tip pulse oximeter with the Bluetooth SIG's Pulse Oximeter Service."""

from devices.codecs import pulse_oximeter
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile
from devices.profiles._shared import BATTERY, IDENTITY

PROFILE = Profile(
    name="nonin-3230",
    manufacturer="Nonin Medical, Inc.",
    model="3230",
    source=(
        "Bluetooth SIG, Pulse Oximeter Profile and Service 1.0.1 (edited by Nonin); "
        "HL7 FHIR R5, Device example NoninBlePulseOx (a 3230's name, identity and certification)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=("spo2", "pr_spo2", "pi"),
    link=BleLink(
        service=pulse_oximeter.SERVICE,
        name_prefix="Nonin3230_",
        characteristics=(
            BleCharacteristic(pulse_oximeter.CONTINUOUS, pulse_oximeter.ContinuousCodec),
            BleCharacteristic(pulse_oximeter.SPOT_CHECK, pulse_oximeter.SpotCheckCodec, optional=True),
            BleCharacteristic(
                pulse_oximeter.FEATURES,
                pulse_oximeter.FeaturesCodec,
                read=True,
                subscribe=False,
                optional=True,
            ),
            BATTERY,
            *IDENTITY,
        ),
    ),
)
