"""Polar H10 with its ECG: heart rate, beat intervals, and the signal that they are taken from."""

from devices.codecs import heart_rate, polar_ecg, polar_pmd
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile
from devices.profiles.polar_h10 import CHARACTERISTICS

PROFILE = Profile(
    name="polar-h10-ecg",
    manufacturer="Polar Electro Oy",
    model="H10 (firmware 3.0.35 or later)",
    source=(
        "Polar, Measurement Data Specification for 3rd Party; Polar BLE SDK 7: PMD client, product page "
        "of the H10, Time system in Polar devices, Known issues"
    ),
    evidence=Evidence.CAPTURE,
    metrics=("hr", "ecg_i"),
    link=BleLink(
        service=heart_rate.SERVICE,
        name_prefix="Polar H10 ",
        characteristics=(
            *CHARACTERISTICS,
            BleCharacteristic(polar_pmd.CONTROL, read=True),
            BleCharacteristic(polar_pmd.DATA),
        ),
        linked=polar_ecg.linked,
    ),
    note=(
        "One lead across the chest: lead I is the standard lead nearest to it, but Polar names none. "
        "Not for diagnosis. Streaming drains the strap: choose polar-h10 where the rate is enough. "
        "The ATT MTU must be 232 or more. A strap taken off its band streams on until its connection ends."
    ),
)
