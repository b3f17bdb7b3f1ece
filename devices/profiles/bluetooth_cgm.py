"""Any continuous glucose monitor with the Bluetooth SIG's Continuous Glucose Monitoring Service."""

from devices.codecs import cgm
from devices.codecs.racp import RACP
from devices.profiles import BleCharacteristic, BleLink, Evidence, Profile
from devices.profiles._shared import BATTERY, IDENTITY

PROFILE = Profile(
    name="bluetooth-cgm",
    manufacturer="any",
    model="Sensor with the Continuous Glucose Monitoring Service",
    source=(
        "Bluetooth SIG, Continuous Glucose Monitoring Service 1.0.2; "
        "GATT Specification Supplement 2025-12-23 (3.42 to 3.47, 3.199); Nordic, nRF5 SDK 13, cgms_meas.c "
        "and nrfconnect/sdk-nrf, cgms.c (their orders of the status's octets differ)"
    ),
    evidence=Evidence.EXAMPLE,
    metrics=cgm.METRICS,
    link=BleLink(
        service=cgm.SERVICE,
        name_prefix="",
        characteristics=(
            BleCharacteristic(cgm.FEATURE, read=True, subscribe=False),
            BleCharacteristic(cgm.STATUS, read=True, subscribe=False),
            BleCharacteristic(cgm.SESSION_START, read=True, subscribe=False),
            BleCharacteristic(cgm.SESSION_RUN_TIME, read=True, subscribe=False, optional=True),
            BATTERY,
            *IDENTITY,
            BleCharacteristic(cgm.MEASUREMENT),
            BleCharacteristic(cgm.OPS_CONTROL, optional=True),
            BleCharacteristic(RACP),
        ),
        bond=True,
        linked=cgm.linked,
    ),
    note=(
        "The sensor must run: its session is neither started nor calibrated, nor is its start time "
        "written, which CGMS 1.0.2 (3.4.1) has the first client do: it is not needed to place a record. "
        "One whose sample is not interstitial fluid gives `glucose` in place of `glucose_isf`. Most sensors "
        "on the market have protocols of their own; MiniMed's encrypt the values of this one. Of sensors "
        "made with the nRF5 SDK 13, records with several octets of status tell wrong conditions."
    ),
)
