"""Any blood glucose meter with the Bluetooth SIG's Glucose Service."""

from devices.codecs import glucose_meter
from devices.profiles import Evidence, Profile
from devices.profiles._glucose import meter

PROFILE = Profile(
    name="bluetooth-glucose-meter",
    manufacturer="any",
    model="Blood glucose meter with the Glucose Service",
    source=(
        "Bluetooth SIG, GATT Specification Supplement 2025-12-23 (3.117 to 3.119, 3.199); "
        "NightscoutFoundation/xDrip, BluetoothGlucoseMeter.java, and i-SENS's sample programs (what single "
        "makers do otherwise)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=glucose_meter.METRICS,
    link=meter("", bond=True),
    note=(
        "Meters that also measure ketone tell it in the same place. CareSens Dual says so in the context, "
        "which is heeded, as is how CareSens marks control solution; "
        "TaiDoc's say so nowhere (pullrequest.ru/14028530: 0.4 mmol/L came as "
        "13 mg/dL of glucose): do not use those. "
        "LifeScan's Verio and Select meters have a protocol of their own (xDrip, VerioHelper.java)."
    ),
)
