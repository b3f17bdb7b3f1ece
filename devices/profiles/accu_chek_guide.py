"""Roche Accu-Chek Guide and Aviva Connect: blood glucose meters that must be paired with."""

from devices.codecs import glucose_meter
from devices.profiles import Evidence, Profile
from devices.profiles._glucose import meter

PROFILE = Profile(
    name="accu-chek-guide",
    manufacturer="Roche Diabetes Care GmbH",
    model="Accu-Chek Guide, Guide Me, Aviva Connect",
    source=(
        "Bluetooth SIG, GATT Specification Supplement 2025-12-23; NightscoutFoundation/xDrip, issue 208 "
        "(a Guide keeps to the standard; how it is paired) and BluetoothGlucoseMeter.java (Aviva Connect "
        "has Date Time, not Current Time); react-native-ble-manager issue 1162 (a Guide's measurement)"
    ),
    evidence=Evidence.CAPTURE,
    metrics=glucose_meter.METRICS,
    link=meter("meter+", bond=True),
    note=(
        "Pair it from the meter's menu (Settings, Wireless, Pairing): it shows a code. It tells its sample "
        "as undetermined plasma, so its readings are `glucose`. It is known to advertise as `meter+` and its "
        "serial number; no public source was found for that: one with another name is added as "
        "bluetooth-glucose-meter."
    ),
)
