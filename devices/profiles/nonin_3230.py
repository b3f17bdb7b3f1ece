"""Nonin 3230: a finger-tip pulse oximeter with the Bluetooth SIG's Pulse Oximeter Service."""

from devices.codecs import pulse_oximeter
from devices.profiles import Evidence, Profile
from devices.profiles._oximeter import oximeter

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
    link=oximeter("Nonin3230_", must_have=pulse_oximeter.CONTINUOUS),
    note=(
        "Some 3230 seem to advertise Nonin's own service (46a970e0-0d5f-11e2-8b5e-0002a5d5c51b, measurement "
        "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b), not 0x1822: public programs for real ones (noble and "
        "react-native clients by the name Nonin3230_) and a simulator filter by it, while an iOS one reads "
        "PLX Continuous (2A5F) of one by the same name. So a search by service may not offer this model: it "
        "is added by its address, and is read if it has the Pulse Oximeter Service at all. One made before "
        "that service (2015) has only Nonin's own, which this profile does not speak; it then says "
        "missing-characteristic. Its service is not accepted as a mark of this model for that reason."
    ),
)
