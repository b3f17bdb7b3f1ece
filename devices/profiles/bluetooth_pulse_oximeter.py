"""Any oximeter with the Bluetooth SIG's Pulse Oximeter Service: ChoiceMMed's, Masimo MightySat and others."""

from devices.codecs import pulse_oximeter
from devices.profiles import Evidence, Profile
from devices.profiles._oximeter import oximeter

PROFILE = Profile(
    name="bluetooth-pulse-oximeter",
    manufacturer="any",
    model="Pulse oximeter with the Pulse Oximeter Service",
    source=(
        "Bluetooth SIG, viewer of PLX Features; Qualcomm, PLXSTypes.h and Cypress, cy_ble_plxs.h (how the "
        "control point differs); as nonin-3230 for the values"
    ),
    evidence=Evidence.CAPTURE,
    metrics=("spo2", "pr_spo2", "pi"),
    link=oximeter("", must_have=pulse_oximeter.FEATURES),
    note=(
        "Some measure continuously, some only spot-check (MightySat, by weliem/blessed-android issue 81). "
        "ChoiceMMed's oximeter says that its clock is not set: its spot-checks are QUESTIONABLE in time."
    ),
)
